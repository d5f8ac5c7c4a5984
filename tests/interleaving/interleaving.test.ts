// What needs two threads, explored in every order: no page's data is lost or crossed, nobody waits
// for ever, and the bookkeeping is whole when both have ended.
import { type TaskStruct, type Wait, World } from "@faultline/core";
import {
  ACCESS_WAIT,
  cpuAccess,
  findWorldProblems,
  PROT_READ,
  PROT_WRITE,
  readPageContent,
  runToCompletion,
  sysExit,
  sysFork,
  sysMmap,
  sysMprotect,
  sysMremap,
  sysMunmap,
  type Verb,
  writePageContent,
} from "@faultline/engine";
import {
  createDmirrorCmd,
  type Dmirror,
  type DmirrorCmd,
  DmirrorDevice,
  dmirrorExclusive,
  dmirrorHolder,
  dmirrorMigrateToDevice,
  dmirrorMigrateToSystem,
  dmirrorOpen,
  dmirrorRead,
  dmirrorWrite,
} from "@faultline/stacks";
import { describe, expect, test } from "vitest";
import { explore, type Race } from "./explore.ts";

const START = 0x100000;
const NR_PAGES = 4;
const RW = PROT_READ | PROT_WRITE;
const OLD = 100;
const NEW = 200;

/** A process with four written pages and two devices. */
class Machine {
  readonly world = new World();
  readonly task: TaskStruct = this.world.createTask(0);
  readonly devices: readonly DmirrorDevice[] = [0, 1].map(
    (n) => new DmirrorDevice(this.world, n, false),
  );
  readonly files = this.devices.map((device) => dmirrorOpen(this.world, device, this.task.mm)) as [
    Dmirror,
    Dmirror,
  ];

  constructor() {
    const request = { start: START, nrPages: NR_PAGES, prot: RW, shared: false };
    runToCompletion(sysMmap(this.world, this.task, request));
    for (let i = 0; i < NR_PAGES; i++) runToCompletion(this.write(this.task, i, OLD + i));
  }

  cmd(): DmirrorCmd {
    const cmd = createDmirrorCmd(START, NR_PAGES);
    cmd.data.set([NEW, NEW + 1, NEW + 2, NEW + 3]);
    return cmd;
  }

  file(n: 0 | 1): Dmirror {
    return this.files[n];
  }

  takeWait(): Wait {
    const wait = this.world.pendingWait;
    if (wait === null) throw new Error("a wait without a reason");
    this.world.pendingWait = null;
    return wait;
  }

  *write(task: TaskStruct, i: number, value: number): Verb {
    let result = cpuAccess(this.world, task, START + i, true);
    while (result === ACCESS_WAIT) {
      yield this.takeWait();
      result = cpuAccess(this.world, task, START + i, true);
    }
    if (result === 0) writePageContent(this.world, task.mm, START + i, value);
    return result;
  }

  *read(task: TaskStruct, i: number, at = START): Verb {
    let result = cpuAccess(this.world, task, at + i, false);
    while (result === ACCESS_WAIT) {
      yield this.takeWait();
      result = cpuAccess(this.world, task, at + i, false);
    }
    return result === 0 ? readPageContent(this.world, task.mm, at + i) : -result;
  }

  /** What the process reads now, page by page. */
  contents(task = this.task, at = START): number[] {
    return Array.from({ length: NR_PAGES }, (_, i) => runToCompletion(this.read(task, i, at)));
  }

  expectWhole(schedule: string): void {
    const holders = [dmirrorHolder(this.devices)];
    expect(findWorldProblems(this.world, { holders }), schedule).toEqual([]);
  }
}

const OLD_PAGES = [OLD, OLD + 1, OLD + 2, OLD + 3];
const NEW_PAGES = [NEW, NEW + 1, NEW + 2, NEW + 3];

describe("two actors in every order", () => {
  test("a device reads while the upper half is unmapped", () => {
    const { outcomes } = explore(() => {
      const m = new Machine();
      const cmd = m.cmd();
      return {
        verbs: [
          dmirrorRead(m.world, m.task, m.file(0), cmd),
          sysMunmap(m.world, m.task, START + 2, 2),
        ],
        check: ([read], schedule) => {
          if (read === 0) expect([...cmd.data], schedule).toEqual(OLD_PAGES);
          else expect(read, schedule).toBe(-14);
          m.expectWhole(schedule);
        },
      };
    });
    expect([...outcomes.keys()].sort()).toEqual(["[-14,0]", "[0,0]"]);
  });

  test("a device writes while the process forks", () => {
    const { nrSchedules } = explore(() => {
      const m = new Machine();
      return {
        verbs: [dmirrorWrite(m.world, m.task, m.file(0), m.cmd()), sysFork(m.world, m.task)],
        check: ([write, child], schedule) => {
          expect(write, schedule).toBe(0);
          expect(m.contents(), schedule).toEqual(NEW_PAGES);
          const seen = m.contents(child as TaskStruct);
          for (const [i, value] of seen.entries()) {
            expect([OLD + i, NEW + i], schedule).toContain(value);
          }
          m.expectWhole(schedule);
        },
      };
    });
    expect(nrSchedules).toBeGreaterThan(3);
  });

  test("a CPU writes a page while it is on its way to a device", () => {
    const { outcomes } = explore(() => {
      const m = new Machine();
      return {
        verbs: [
          dmirrorMigrateToDevice(m.world, m.task, m.file(0), m.cmd()),
          m.write(m.task, 1, NEW + 1),
        ],
        check: ([, write], schedule) => {
          expect(write, schedule).toBe(0);
          expect(m.contents(), schedule).toEqual([OLD, NEW + 1, OLD + 2, OLD + 3]);
          m.expectWhole(schedule);
        },
      };
    });
    expect(outcomes.size).toBeGreaterThan(0);
  });

  const rivals: readonly (readonly [string, (m: Machine) => Verb<unknown>])[] = [
    ["migrates to itself", (m) => dmirrorMigrateToDevice(m.world, m.task, m.file(1), m.cmd())],
    ["reads", (m) => dmirrorRead(m.world, m.task, m.file(1), m.cmd())],
    ["takes exclusive access", (m) => dmirrorExclusive(m.world, m.task, m.file(1), m.cmd())],
  ];
  for (const [name, rival] of rivals) {
    test(`one device migrates while another ${name}`, () => {
      const { nrSchedules } = explore(() => {
        const m = new Machine();
        return {
          verbs: [dmirrorMigrateToDevice(m.world, m.task, m.file(0), m.cmd()), rival(m)],
          check: (_results, schedule) => {
            expect(m.contents(), schedule).toEqual(OLD_PAGES);
            m.expectWhole(schedule);
          },
        };
      });
      expect(nrSchedules).toBeGreaterThan(1);
    });
  }

  const changes: readonly (readonly [string, (m: Machine) => Verb<unknown>, number])[] = [
    ["mprotect", (m) => sysMprotect(m.world, m.task, START, NR_PAGES, PROT_READ), START],
    [
      "mremap",
      (m) =>
        sysMremap(m.world, m.task, START, NR_PAGES, NR_PAGES, START + 64, { dontunmap: false }),
      START + 64,
    ],
    ["fork", (m) => sysFork(m.world, m.task), START],
  ];
  for (const [name, change, at] of changes) {
    test(`${name} while pages go to a device and back`, () => {
      const { nrSchedules } = explore(() => {
        const m = new Machine();
        return {
          verbs: [thereAndBack(m), change(m)],
          check: (_results, schedule) => {
            expect(m.contents(m.task, at), schedule).toEqual(OLD_PAGES);
            m.expectWhole(schedule);
          },
        };
      });
      expect(nrSchedules).toBeGreaterThan(1);
    });
  }

  test("a process exits while a device reads and migrates its memory", () => {
    explore((): Race => {
      const m = new Machine();
      const { buddies } = m.world;
      return {
        verbs: [
          dmirrorMigrateToDevice(m.world, m.task, m.file(0), m.cmd()),
          dmirrorRead(m.world, m.task, m.file(1), m.cmd()),
          sysExit(m.world, m.task),
        ],
        check: (results, schedule) => {
          expect(results[2], schedule).toBe(0);
          expect(m.task.mm.isAlive, schedule).toBe(false);
          expect(buddies[0]?.nrFree, schedule).toBe(new World().buddies[0]?.nrFree);
        },
      };
    });
  });
});

function* thereAndBack(m: Machine): Verb {
  const away = yield* dmirrorMigrateToDevice(m.world, m.task, m.file(0), m.cmd());
  const back = yield* dmirrorMigrateToSystem(m.world, m.task, m.file(0), m.cmd());
  return Math.min(away, back);
}
