// All benchmarks by name. Each is `(options) => { name, rows, goals, runs, chart? }`.
import { measureClient } from "./benchmarks/client.mjs";
import { measureGrowth } from "./benchmarks/growth.mjs";
import { measureIntrospection } from "./benchmarks/introspection.mjs";
import { measureKeeper } from "./benchmarks/keeper.mjs";
import { measureKeeperService } from "./benchmarks/keeper-service.mjs";
import { measureLatency } from "./benchmarks/latency.mjs";
import { measureLogins } from "./benchmarks/logins.mjs";
import { measureMemory } from "./benchmarks/memory.mjs";
import { measureProfile } from "./benchmarks/profile.mjs";
import { measureReplicas } from "./benchmarks/replicas.mjs";
import { measureSoak } from "./benchmarks/soak.mjs";
import { measureStart } from "./benchmarks/start.mjs";
import { measureStorm } from "./benchmarks/storm.mjs";
import { measureToken } from "./benchmarks/token.mjs";

export const benchmarks = {
  token: measureToken,
  profile: measureProfile,
  introspection: measureIntrospection,
  latency: measureLatency,
  logins: measureLogins,
  memory: measureMemory,
  client: measureClient,
  start: measureStart,
  replicas: measureReplicas,
  growth: measureGrowth,
  keeper: measureKeeper,
  service: measureKeeperService,
  storm: measureStorm,
  soak: measureSoak,
};

/** What runs when nothing is named: storm and soak take their time. */
export const usual = Object.keys(benchmarks).filter((name) => name !== "storm" && name !== "soak");
