// The transfers of one class in the order in which they end. Removed ones stay until they are met.

/** A heap of (finish, sequence number, flow) in typed arrays. */
export class FlowHeap {
  length = 0;
  private finishes = new Float64Array(16);
  private seqs = new Float64Array(16);
  private flows = new Uint32Array(16);

  /** The smallest finish; the heap is not empty. */
  get firstFinish(): number {
    return this.finishes[0] as number;
  }

  /** The sequence number of the first. */
  get firstSeq(): number {
    return this.seqs[0] as number;
  }

  /** The flow that is first. */
  get firstFlow(): number {
    return this.flows[0] as number;
  }

  /** Adds a flow; sequence numbers only grow. */
  push(finish: number, seq: number, flow: number): void {
    if (this.length === this.finishes.length) this.grow();
    let at = this.length++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((this.finishes[parent] as number) <= finish) break;
      this.move(parent, at);
      at = parent;
    }
    this.set(at, finish, seq, flow);
  }

  /** Takes the first out. */
  shift(): void {
    const last = --this.length;
    if (last === 0) return;
    const finish = this.finishes[last] as number;
    const seq = this.seqs[last] as number;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= last) break;
      if (child + 1 < last && this.isBefore(child + 1, child)) child++;
      const childFinish = this.finishes[child] as number;
      if (finish < childFinish || (finish === childFinish && seq < (this.seqs[child] as number))) {
        break;
      }
      this.move(child, at);
      at = child;
    }
    this.set(at, finish, seq, this.flows[last] as number);
  }

  /** Takes the same amount from every finish. */
  rebase(amount: number): void {
    for (let at = 0; at < this.length; at++) {
      this.finishes[at] = (this.finishes[at] as number) - amount;
    }
  }

  private isBefore(one: number, other: number): boolean {
    const difference = (this.finishes[one] as number) - (this.finishes[other] as number);
    return (
      difference < 0 ||
      (difference === 0 && (this.seqs[one] as number) < (this.seqs[other] as number))
    );
  }

  private move(from: number, to: number): void {
    this.set(
      to,
      this.finishes[from] as number,
      this.seqs[from] as number,
      this.flows[from] as number,
    );
  }

  private set(at: number, finish: number, seq: number, flow: number): void {
    this.finishes[at] = finish;
    this.seqs[at] = seq;
    this.flows[at] = flow;
  }

  private grow(): void {
    const { finishes, seqs, flows } = this;
    this.finishes = new Float64Array(2 * finishes.length);
    this.seqs = new Float64Array(2 * finishes.length);
    this.flows = new Uint32Array(2 * finishes.length);
    this.finishes.set(finishes);
    this.seqs.set(seqs);
    this.flows.set(flows);
  }
}
