// Runs a sequence beside the model: after every step the world must be consistent, each change of a
// translation must have been announced, and every page must read as the model says.
import { findWorldProblems, formatProblem } from "@faultline/engine";
import {
  createScenarioMachine,
  executeStep,
  loadScenario,
  dmirrorDevices,
  type PlannedStep,
  type ScenarioMachine,
  type Step,
} from "@faultline/scenario";
import { dmirrorHolder, findDmirrorProblems } from "@faultline/stacks";
import { compare, type Disagreement, settleValues } from "./compare.ts";
import { EffortBalance } from "./effort-balance.ts";
import { isHazardous } from "./hazards.ts";
import { chooseMachine, type MachineChoice } from "./machines.ts";
import { createModel, type Model } from "./model-state.ts";
import { advance } from "./model-steps.ts";
import { scenarioText } from "./scenario-text.ts";
import { type Sequence, stepsOf } from "./sequences.ts";
import { ShadowTlb } from "./shadow-tlb.ts";

/** Where a sequence went wrong. */
export interface Failure {
  readonly machine: MachineChoice;
  /** Steps up to the one that went wrong; dangerous ones are left out. */
  readonly steps: readonly Step[];
  readonly message: string;
  /** The page that differs from the model, as a place of the scenario, when one does. */
  readonly check: Step | null;
}

/** What a sequence did, to see that random sequences reach what they are meant to reach. */
export interface SequenceRun {
  readonly failure: Failure | null;
  /** How often each step answered what: `fork ok`, `write SIGSEGV`. */
  readonly outcomes: ReadonlyMap<string, number>;
}

/** A step that does nothing and keeps the numbers of the others. */
function idle(process: string): Step {
  return { do: "unpin", process };
}

/** Runs a sequence; `disturb` is called after each step, to see that failures are found. */
export function runSequence(
  sequence: Sequence,
  disturb: (machine: ScenarioMachine, index: number) => void = () => undefined,
): SequenceRun {
  const choice = chooseMachine(sequence.machine);
  const steps = stepsOf(choice, sequence.commands);
  const run = new Run(choice, steps);
  return { failure: run.play(disturb), outcomes: run.outcomes };
}

class Run {
  readonly outcomes: Map<string, number> = new Map();
  private readonly choice: MachineChoice;
  private readonly steps: Step[];
  private readonly planned: readonly PlannedStep[];
  private readonly machine: ScenarioMachine;
  private readonly shadows: Map<string, ShadowTlb> = new Map();
  private readonly balance: EffortBalance;
  private model: Model;

  constructor(choice: MachineChoice, steps: Step[]) {
    this.choice = choice;
    this.steps = steps;
    const { plan, diagnostics } = loadScenario(scenarioText(choice, steps), "random.yaml");
    if (plan === null) throw new Error(`not a scenario: ${JSON.stringify(diagnostics)}`);
    this.planned = plan.steps;
    this.machine = createScenarioMachine(plan.document);
    this.balance = new EffortBalance(this.machine);
    this.model = createModel(choice.blockPages, [...this.machine.processes.keys()]);
  }

  play(disturb: (machine: ScenarioMachine, index: number) => void): Failure | null {
    for (const [index, planned] of this.planned.entries()) {
      this.watchProcesses();
      if (!this.isPossible(planned)) {
        this.steps[index] = idle("p0");
        continue;
      }
      let message: string | null;
      let wrong: Disagreement | null = null;
      try {
        message = this.step(planned);
        disturb(this.machine, index);
        message ??= this.worldProblem() ?? this.tlbProblem() ?? this.balance.check();
        wrong = message === null && !this.choice.isTiny ? compare(this.machine, this.model) : null;
      } catch (error) {
        message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      }
      if (wrong !== null) message = `page ${wrong.page} of ${wrong.process} ${wrong.message}`;
      if (message !== null) return this.failure(index, message, wrong);
      if (!this.choice.isTiny) this.model = settleValues(this.machine, this.model);
    }
    return this.lastExit();
  }

  /** False for a step of a process that could not be forked, and for one left to chance. */
  private isPossible(planned: PlannedStep): boolean {
    if (!this.machine.processes.has(planned.process)) return false;
    return !isHazardous(this.machine, planned);
  }

  private step(planned: PlannedStep): string | null {
    const outcome = executeStep(this.machine, planned);
    const key = `${planned.step.do} ${outcome.result}`;
    this.outcomes.set(key, (this.outcomes.get(key) ?? 0) + 1);
    if (this.choice.isTiny) return null;
    const { model, problem } = advance(this.model, planned, outcome);
    this.model = model;
    return problem;
  }

  private watchProcesses(): void {
    for (const [name, { task }] of this.machine.processes) {
      if (!this.shadows.has(name)) this.shadows.set(name, new ShadowTlb(task.mm));
    }
  }

  private worldProblem(): string | null {
    const { world } = this.machine;
    const devices = dmirrorDevices(this.machine.devices);
    const problems = [
      ...findWorldProblems(world, { holders: [dmirrorHolder(devices)] }),
      ...findDmirrorProblems(devices),
    ];
    return problems.length === 0 ? null : problems.slice(0, 4).map(formatProblem).join("; ");
  }

  private tlbProblem(): string | null {
    for (const shadow of this.shadows.values()) {
      const problem = shadow.refresh();
      if (problem !== null) return problem;
    }
    return null;
  }

  /** When everybody has left, everything has been given back. */
  private lastExit(): Failure | null {
    const names = [...this.machine.processes.keys()];
    this.steps.push(...names.map((process): Step => ({ do: "exit", process })));
    try {
      for (const process of names) {
        const step: Step = { do: "exit", process };
        const place = (this.planned[0] as PlannedStep).place;
        const range = { mapping: null, start: 0, nrPages: 0, otherStart: 0 };
        const nothing = { ...range, trace: null, place, otherFile: null };
        executeStep(this.machine, { index: this.steps.length, step, process, ...nothing });
      }
    } catch (error) {
      return this.failure(this.steps.length - 1, String(error), null);
    }
    const leak = this.worldProblem() ?? this.leak() ?? this.balance.check();
    return leak === null ? null : this.failure(this.steps.length - 1, leak, null);
  }

  private leak(): string | null {
    const { world, devices } = this.machine;
    for (const buddy of world.buddies) {
      // The zero pages and frame 0 are never given back.
      const nrLeft = buddy.nrPages - buddy.nrFree;
      const nrReserved = buddy.node === 0 ? 2 + world.blockPages : 0;
      if (nrLeft !== nrReserved) return `${nrLeft} pages of node ${buddy.node} stay in use`;
    }
    for (const { memory } of dmirrorDevices(devices)) {
      if (memory.nrPagesInUse > 0) return `${memory.nrPagesInUse} device pages stay in use`;
    }
    const nrInUse = (world.swap?.nrSlots ?? 0) - (world.swap?.nrFree ?? 0);
    return nrInUse === 0 ? null : `${nrInUse} swap slots stay in use`;
  }

  private failure(index: number, message: string, wrong: Disagreement | null): Failure {
    const steps = this.steps.slice(0, index + 1);
    return { machine: this.choice, steps, message, check: this.checkOf(wrong) };
  }

  /** A step of the scenario language that fails as long as the page is wrong. */
  private checkOf(wrong: Disagreement | null): Step | null {
    if (wrong === null || wrong.value === null) return null;
    const mapping = this.planned
      .map((planned) => planned.mapping)
      .find((m) => m !== null && wrong.page >= m.start && wrong.page < m.start + m.nrPages);
    if (mapping === null || mapping === undefined) return null;
    const at = `${mapping.name}+${wrong.page - mapping.start}`;
    return { do: "check", process: wrong.process, at, pages: 1, value: wrong.value };
  }
}
