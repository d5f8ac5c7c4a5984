// Who is connected to whom, asked once: deciding a PCI pair walks the tree, and formations ask for
// the same pair many times.

/** Connections between members, which are numbers from 0 on; symmetric. */
export class ConnectionMatrix {
  readonly size: number;
  private readonly cells: Uint8Array;

  /** Asks for every pair once, the smaller number first. */
  constructor(size: number, isConnected: (a: number, b: number) => boolean) {
    this.size = size;
    this.cells = new Uint8Array(size * size);
    for (let a = 0; a < size; a++) {
      for (let b = a + 1; b < size; b++) {
        if (!isConnected(a, b)) continue;
        this.cells[a * size + b] = 1;
        this.cells[b * size + a] = 1;
      }
    }
  }

  /** False for a member and itself. */
  has(a: number, b: number): boolean {
    return this.cells[a * this.size + b] === 1;
  }

  /** Pairs of different members that are connected. */
  get nrPairs(): number {
    return this.cells.reduce((sum, cell) => sum + cell, 0) / 2;
  }

  /** The connected components, each in ascending order, by their first member. */
  components(): number[][] {
    const seen = new Uint8Array(this.size);
    const found: number[][] = [];
    for (let first = 0; first < this.size; first++) {
      if (seen[first] === 1) continue;
      seen[first] = 1;
      const component = [first];
      for (const at of component) {
        for (let next = 0; next < this.size; next++) {
          if (seen[next] === 1 || !this.has(at, next)) continue;
          seen[next] = 1;
          component.push(next);
        }
      }
      found.push(component.sort((a, b) => a - b));
    }
    return found;
  }
}
