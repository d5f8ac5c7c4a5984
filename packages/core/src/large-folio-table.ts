// What only large folios remember: PMD mappings, the total of all mappings, and which mms map them.
// Mirrors the fields of struct folio past the first page and include/linux/rmap.h's mm-id slots.
// A record is named by a small number that the folio keeps in `rmapOwner` of its first tail page.

/** No mm: the value of an empty slot. */
export const MM_ID_NONE = 0;

const INITIAL = 256;

/** Records of all live large folios, as growing columns indexed by record number. */
export class LargeFolioTable {
  entireMapcount: Int32Array = new Int32Array(INITIAL);
  /** PMD mappings plus PTE mappings of all pages. */
  totalMapcount: Int32Array = new Int32Array(INITIAL);
  /** The two mm identities the kernel can tell apart, and how many mappings each holds. */
  mmId0: Int32Array = new Int32Array(INITIAL);
  mmCount0: Int32Array = new Int32Array(INITIAL);
  mmId1: Int32Array = new Int32Array(INITIAL);
  mmCount1: Int32Array = new Int32Array(INITIAL);
  /** Sticky "maybe mapped shared"; 1 once a third mm found no slot. */
  maybeShared: Uint8Array = new Uint8Array(INITIAL);
  /** 1 when some page lost its last mapping while others kept theirs (deferred split queue). */
  partiallyMapped: Uint8Array = new Uint8Array(INITIAL);
  /** 1 for hugetlb folios, which are never split. */
  hugetlb: Uint8Array = new Uint8Array(INITIAL);
  private readonly freeRecords: number[] = [];
  private next = 1;

  /** Takes a record with everything zero. */
  alloc(): number {
    const record = this.freeRecords.pop() ?? this.next++;
    if (record >= this.entireMapcount.length) this.grow();
    this.entireMapcount[record] = 0;
    this.totalMapcount[record] = 0;
    this.mmId0[record] = MM_ID_NONE;
    this.mmCount0[record] = 0;
    this.mmId1[record] = MM_ID_NONE;
    this.mmCount1[record] = 0;
    this.maybeShared[record] = 0;
    this.partiallyMapped[record] = 0;
    this.hugetlb[record] = 0;
    return record;
  }

  /** Returns a record when its folio is freed or split. */
  free(record: number): void {
    this.freeRecords.push(record);
  }

  /** Records in use. */
  get nrLive(): number {
    return this.next - 1 - this.freeRecords.length;
  }

  private grow(): void {
    const size = this.entireMapcount.length * 2;
    const wide = (old: Int32Array): Int32Array => {
      const column = new Int32Array(size);
      column.set(old);
      return column;
    };
    const narrow = (old: Uint8Array): Uint8Array => {
      const column = new Uint8Array(size);
      column.set(old);
      return column;
    };
    this.entireMapcount = wide(this.entireMapcount);
    this.totalMapcount = wide(this.totalMapcount);
    this.mmId0 = wide(this.mmId0);
    this.mmCount0 = wide(this.mmCount0);
    this.mmId1 = wide(this.mmId1);
    this.mmCount1 = wide(this.mmCount1);
    this.maybeShared = narrow(this.maybeShared);
    this.partiallyMapped = narrow(this.partiallyMapped);
    this.hugetlb = narrow(this.hugetlb);
  }
}
