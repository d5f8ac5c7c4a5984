// A sweep as a job array of Slurm: a cluster of one node that the test starts and ends itself, with
// the scripts that docs/sweeps.md names. Skipped where Slurm or munge is missing.
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { rootPath } from "./support/source-files.ts";

const NEEDED = ["munged", "slurmctld", "slurmd", "sbatch", "squeue", "sinfo"];
const path = `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`;
const missing = NEEDED.filter((name) => {
  return spawnSync("sh", ["-c", `command -v ${name}`], { env: { PATH: path } }).status !== 0;
});

const folder = mkdtempSync(join(tmpdir(), "faultline-slurm-"));
const env = { ...process.env, PATH: path, SLURM_CONF: join(folder, "slurm.conf") };
const daemons: ChildProcess[] = [];

afterAll(async () => {
  for (const daemon of daemons.toReversed()) {
    const ended = new Promise((resolve) => daemon.once("exit", resolve));
    if (daemon.exitCode === null && daemon.kill()) await ended;
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** Ports of its own, so that a Slurm of the machine is not disturbed. */
const CONTROLLER_PORT = 26817;
const NODE_PORT = 26818;
const SECONDS = 240;

function start(name: string, ...args: readonly string[]): void {
  daemons.push(spawn(name, args, { env, stdio: ["ignore", "ignore", "ignore"] }));
}

function ask(name: string, ...args: readonly string[]): string {
  const { stdout } = spawnSync(name, args, { env, cwd: folder, encoding: "utf8" });
  return stdout.trim();
}

function submit(...args: readonly string[]): void {
  const { stdout, stderr } = spawnSync("sbatch", args, { env, cwd: folder, encoding: "utf8" });
  expect([stdout, stderr]).toEqual([expect.stringMatching(/^Submitted batch job \d+$/m), ""]);
}

async function until(isTrue: () => boolean): Promise<boolean> {
  for (let second = 0; second < SECONDS; second++) {
    if (isTrue()) return true;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  return false;
}

function startCluster(): void {
  const key = join(folder, "munge.key");
  writeFileSync(key, randomBytes(1024), { mode: 0o600 });
  const socket = join(folder, "munge.socket");
  const munge = ["log-file", "pid-file", "seed-file"].map((what) => {
    return `--${what}=${join(folder, `munge.${what}`)}`;
  });
  start("munged", "--force", "--foreground", `--key-file=${key}`, `--socket=${socket}`, ...munge);
  for (const name of ["state", "spool"]) mkdirSync(join(folder, name));
  const user = userInfo().username;
  const settings = {
    ClusterName: "faultline",
    SlurmctldHost: `${hostname()}(127.0.0.1)`,
    SlurmUser: user,
    SlurmdUser: user,
    AuthType: "auth/munge",
    AuthInfo: `socket=${socket}`,
    CredType: "cred/munge",
    SlurmctldPort: CONTROLLER_PORT,
    SlurmdPort: NODE_PORT,
    StateSaveLocation: join(folder, "state"),
    SlurmdSpoolDir: join(folder, "spool"),
    SlurmctldPidFile: join(folder, "slurmctld.pid"),
    SlurmdPidFile: join(folder, "slurmd.pid"),
    SlurmctldLogFile: join(folder, "slurmctld.log"),
    SlurmdLogFile: join(folder, "slurmd.log"),
    ProctrackType: "proctrack/linuxproc",
    TaskPlugin: "task/none",
    JobAcctGatherType: "jobacct_gather/none",
    SelectType: "select/cons_tres",
    MpiDefault: "none",
    ReturnToService: 2,
    SlurmdTimeout: 0,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  const node = `NodeName=${hostname()} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN`;
  const partition = "PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP";
  writeFileSync(env.SLURM_CONF, `${[...lines, node, partition].join("\n")}\n`);
  start("slurmctld", "-D");
  start("slurmd", "-D");
}

test("a job array runs a sweep in parts, and the merged table is that of one run", async ({
  skip,
}) => {
  skip(missing.length > 0, `there is no ${missing.join(", no ")}`);
  startCluster();
  const isUp = await until(() => /^(idle|mix)/.test(ask("sinfo", "-h", "-o", "%T")));
  expect([isUp, isUp ? "" : readFileSync(join(folder, "slurmctld.log"), "utf8")]).toEqual([
    true,
    "",
  ]);
  const cli = `${process.execPath} ${rootPath}packages/faultline/bin/faultline.mjs`;
  Object.assign(env, { FAULTLINE: cli, FAULTLINE_PARTS: folder });
  const scripts = `${rootPath}scenarios/sweeps`;
  const scenario = `${rootPath}scenarios/clock/ping-pong.yaml`;
  const over = ["--over", "steps.0.pages=8,16,32", "--over", "seed=1,2"];
  submit("--array=1-3", `${scripts}/slurm-array.sh`, scenario, ...over);
  const merge = ["--dependency=singleton", "--job-name=faultline-sweep"];
  submit(...merge, `${scripts}/slurm-merge.sh`);
  expect(await until(() => ask("squeue", "-h") === "")).toBe(true);
  const outputs = readdirSync(folder).filter((name) => name.endsWith(".out"));
  expect(outputs.map((name) => readFileSync(join(folder, name), "utf8"))).toEqual(["", "", "", ""]);
  const whole = join(folder, "whole.parquet");
  const [node = "", ...args] = cli.split(" ");
  execFileSync(node, [...args, "sweep", scenario, ...over, "-o", whole], { cwd: folder });
  expect(readFileSync(join(folder, "sweep.parquet"))).toEqual(readFileSync(whole));
});
