// A pattern of one's own: blocks of a matrix that is stored by rows, as a tiled kernel reads them.
import { type AccessStream, type WorkloadPlugin, type WorkloadSpec, formatPs } from "faultline";
import { runScenario, wholeNumber } from "faultline";

class Tiles implements AccessStream {
  page = 0;
  readonly access: number;
  readonly nrLeft = 1;
  private readonly spec: WorkloadSpec;
  private readonly rowPages: number;
  private readonly tile: number;
  private nrDone = 0;

  constructor(spec: WorkloadSpec) {
    const { row = 8, tile = 2 } = spec.knobs as { row?: number; tile?: number };
    this.spec = spec;
    this.access = spec.access;
    this.rowPages = row;
    this.tile = tile;
  }

  next(): boolean {
    const { start, nrPages, count } = this.spec;
    if (this.nrDone === count) return false;
    const { tile, rowPages } = this;
    const n = this.nrDone++ % nrPages;
    const [block, inBlock] = [Math.floor(n / tile ** 2), n % tile ** 2];
    const blocksInRow = rowPages / tile;
    const row = Math.floor(block / blocksInRow) * tile + Math.floor(inBlock / tile);
    const column = (block % blocksInRow) * tile + (inBlock % tile);
    this.page = start + row * rowPages + column;
    return true;
  }

  get value(): number {
    return this.spec.valueAt(this.page);
  }
}

const tiles: WorkloadPlugin = {
  name: "tiles",
  knobs: { row: wholeNumber(1), tile: wholeNumber(1) },
  stream: (spec) => new Tiles(spec),
};

const scenario = `
version: 1
title: A tiled kernel
machine:
  devices: [{ name: gpu0 }]
steps:
  - { do: mmap, name: heap, pages: 64 }
  - { do: write, at: heap, pages: 64 }
  - { do: workload, device: gpu0, at: heap, pages: 64, pattern: tiles, knobs: { row: 8, tile: 4 } }
`;
const options = { workloads: [tiles], profile: "intel-xe-svm-nothp" };
const { result } = runScenario(scenario, options);
const [, , step] = result.steps;
console.log(`${step?.pages} pages, ${step?.faults} faults, ${formatPs(step?.tookPs ?? 0)}`);
