// An `exchange` under a clock: each member is an actor that waits for its turn and then touches its
// pages, with as many faults outstanding as its device can have.
import { EOPNOTSUPP, errnoName } from "@faultline/core";
import {
  type AccessStream,
  type Actor,
  type ActorBody,
  CpuThread,
  type Exchange,
  Signal,
  type TimedDevice,
} from "@faultline/sim";
import { accessResult } from "../access-result.ts";
import { deviceOfMember, exchangeOf, type ExchangeStep } from "../exchange.ts";
import { openDevice } from "../execute-device-command.ts";
import type { PlannedStep } from "../plan.ts";
import type { RunningProcess } from "../scenario-machine.ts";
import { parseTimePs } from "../schema/fields.ts";
import { outcomeOf, type StepOutcome } from "../step-outcome.ts";
import { outstandingOf, type TimedStage } from "./timed-stage.ts";

/** Performs an exchange. */
export function* performExchange(
  stage: TimedStage,
  self: Actor,
  process: RunningProcess,
  planned: PlannedStep,
  step: ExchangeStep,
): ActorBody<StepOutcome> {
  for (const member of step.members) {
    const device = deviceOfMember(member);
    if (device === undefined) continue;
    const isOpen = stage.devices.has(device) && openDevice(stage.machine, process, device) !== null;
    if (!isOpen) return outcomeOf(-EOPNOTSUPP);
  }
  const run = new ExchangeRun(stage, process, planned, step);
  for (const actor of run.start()) yield self.join(actor);
  return { result: run.result, pages: run.pages, faults: run.faults };
}

class ExchangeRun {
  result = "ok";
  pages = 0;
  faults = 0;
  private readonly stage: TimedStage;
  private readonly process: RunningProcess;
  private readonly planned: PlannedStep;
  private readonly step: ExchangeStep;
  private readonly exchange: Exchange;
  private readonly nrDone: number[];
  private readonly turnEnds: Signal;

  constructor(
    stage: TimedStage,
    process: RunningProcess,
    planned: PlannedStep,
    step: ExchangeStep,
  ) {
    this.stage = stage;
    this.process = process;
    this.planned = planned;
    this.step = step;
    this.exchange = exchangeOf(planned, step);
    this.nrDone = step.members.map(() => 0);
    this.turnEnds = new Signal(`turns of the ${step.pattern} of ${process.name}`);
  }

  /** Starts all members. */
  start(): Actor[] {
    const { sim } = this.stage.timed;
    return this.step.members.map((member, i) => {
      return sim.spawn(`${member} for ${this.process.name}, member ${i}`, (self) =>
        this.member(self, i, this.stage.devices.get(deviceOfMember(member) ?? "")),
      );
    });
  }

  private *member(self: Actor, index: number, device: TimedDevice | undefined): ActorBody<void> {
    for (let turn = 0; turn < this.step.rounds && this.result === "ok"; turn++) {
      while (!this.mayBegin(index, turn)) yield this.turnEnds.wait(self);
      if (this.result !== "ok") break;
      const stream = this.exchange.accessesOf(index, turn);
      if (device === undefined) yield* this.touchByCpu(self, stream);
      else yield* this.touchByDevice(self, stream, device);
      this.nrDone[index] = turn + 1;
      this.turnEnds.fire();
    }
    // After a failure nobody's turn comes any more.
    if (this.result !== "ok") this.turnEnds.fire();
  }

  /** Whether it is a member's turn, or the end of all. */
  private mayBegin(index: number, turn: number): boolean {
    const needs = this.exchange.needsOf(index, turn);
    const isTurn = needs.every(({ member, nrTurns }) => (this.nrDone[member] ?? 0) >= nrTurns);
    return isTurn || this.result !== "ok";
  }

  private *touchByDevice(self: Actor, stream: AccessStream, device: TimedDevice): ActorBody<void> {
    const { process, planned, step, stage } = this;
    const context = device.startContext({
      name: `${device.name} for ${process.name}`,
      task: process.task,
      stream,
      outstanding: outstandingOf(stage, planned, device.name),
      pausePs: step.pause === undefined ? 0 : parseTimePs(step.pause),
    });
    for (const lane of context.lanes) yield self.join(lane);
    this.pages += context.nrAccesses;
    this.faults += context.nrFaults;
    if (context.rc !== 0) this.result = errnoName(context.rc);
  }

  private *touchByCpu(self: Actor, stream: AccessStream): ActorBody<void> {
    const { timed } = this.stage;
    const { task } = this.process;
    const thread = new CpuThread(timed, task);
    const pausePs = this.step.pause === undefined ? 0 : parseTimePs(this.step.pause);
    while (this.result === "ok" && stream.next()) {
      const rc = yield* thread.access(self, stream.page, stream.access, stream.value);
      if (rc !== 0) this.result = accessResult(rc);
      else this.pages++;
      if (pausePs > 0) yield* timed.compute(self, task.cpu, pausePs);
    }
    this.faults += thread.nrFaults;
  }
}
