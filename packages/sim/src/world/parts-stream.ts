// Several ranges one after another, each accessed in its own way.
import { ACCESS_READ } from "../record/activities.ts";
import type { AccessStream } from "./access-stream.ts";

/** Consecutive pages that are accessed alike. */
export interface AccessPart {
  readonly start: number;
  readonly nrPages: number;
  /** ACCESS_*. */
  readonly access: number;
}

/** The pages of some ranges, in their order. */
export class PartsStream implements AccessStream {
  page = -1;
  access: number = ACCESS_READ;
  private readonly parts: readonly AccessPart[];
  private readonly valueOf: (page: number) => number;
  private part = 0;
  private offset = -1;

  constructor(parts: readonly AccessPart[], valueOf: (page: number) => number = () => 0) {
    this.parts = parts;
    this.valueOf = valueOf;
  }

  next(): boolean {
    this.offset++;
    for (let part = this.parts[this.part]; part !== undefined; part = this.parts[this.part]) {
      if (this.offset < part.nrPages) {
        this.page = part.start + this.offset;
        this.access = part.access;
        return true;
      }
      this.part++;
      this.offset = 0;
    }
    return false;
  }

  get nrLeft(): number {
    return Math.max(1, (this.parts[this.part]?.nrPages ?? 0) - this.offset);
  }

  get value(): number {
    return this.valueOf(this.page);
  }
}
