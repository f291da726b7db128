import { randomBytes } from "node:crypto";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { inspect } from "node:util";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startPostgres, type TestPostgres } from "../../../../test/_postgres/start-postgres.ts";
import { openPostgresVault } from "../../src/vault/postgres-vault.ts";
import type { Vault } from "../../src/vault/vault.ts";
import { createSchema, type SchemaDatabase, schemaDatabase } from "./_schema-database.ts";
import { SESSION, vaultFolder } from "./_vault-folder.ts";

const ID = { broker: "upstox", account: "default" };
const OTHER = { ...SESSION, account: "second" };

let database: SchemaDatabase;

beforeAll(async () => {
  database = await schemaDatabase();
});

afterAll(async () => {
  await database.drop();
});

/** Vaults on one schema, and the key file they share. */
async function team(url?: string) {
  const folder = vaultFolder();
  const place = url ?? (await database.schema());
  const opened: Vault[] = [];
  return {
    url: place,
    folder,
    async open(main = `file:${folder.keys}/team.key`) {
      const vault = await openPostgresVault({ url: place, keys: { main, keyFolder: folder.keys } });
      opened.push(vault);
      return vault;
    },
    async [Symbol.asyncDispose]() {
      for (const vault of opened) await vault.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** The table of a team's vault, for statements of a stranger. */
function tableOf(url: string): string {
  return `${new URL(url).searchParams.get("options")?.split("=")[1]}.kunji_vault`;
}

/** Cuts every connection of the vaults, as a firewall or a restart does. */
async function cutConnections(): Promise<void> {
  await database.client.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'kunji' AND datname = current_database()",
  );
}

describe("a vault in Postgres", () => {
  it("shows its database neither content nor key (S-91)", async () => {
    await using at = await team();
    await (await at.open()).write(SESSION, "canary of a token");
    const { rows } = await database.client.query(`SELECT * FROM ${tableOf(at.url)}`);
    expect(rows.map(({ kind }: { kind: string }) => kind).sort()).toEqual(["note", "session"]);
    for (const { sealed } of rows as { sealed: Buffer }[]) expect(sealed.includes("canary")).toBe(false);
  });

  it("keeps two vaults of one database apart, entries and locks alike", async () => {
    await using first = await team();
    await using second = await team();
    const [one, two] = [await first.open(), await second.open()];
    await one.write(SESSION, "of the first");
    expect(await two.read(SESSION)).toBeUndefined();
    expect(await one.withLock(ID, () => two.withLock(ID, async () => "both"))).toBe("both");
  });

  it("sets aside what does not open or was swapped, and never overwrites it (S-95)", async () => {
    await using at = await team();
    const vault = await at.open();
    const table = tableOf(at.url);
    await vault.write(SESSION, "first");
    await vault.write(OTHER, "second");
    await database.client.query(
      `UPDATE ${table} SET sealed = (SELECT sealed FROM ${table} WHERE account = 'second') WHERE account = 'default'`,
    );
    await database.client.query(
      `UPDATE ${table} SET sealed = set_byte(sealed, 40, get_byte(sealed, 40) # 1) WHERE account = 'second'`,
    );
    await expect(vault.read(SESSION)).rejects.toMatchObject({ code: "VAULT_DAMAGED" });
    await vault.write(OTHER, "third");
    expect([await vault.read(SESSION), await vault.read(OTHER)]).toEqual([undefined, "third"]);
    const { rows } = await database.client.query(`SELECT account FROM ${table} WHERE set_aside > 0 ORDER BY account`);
    expect(rows).toEqual([{ account: "default" }, { account: "second" }]);
    expect(await vault.list()).toHaveLength(1);
  });

  it("does not open on a machine without the team's key, nor makes a new one (S-92)", async () => {
    await using at = await team();
    await (await at.open()).write(SESSION, "a token");
    await expect(at.open(`file:${at.folder.keys}/new.key`)).rejects.toMatchObject({ code: "VAULT_LOCKED" });
    await expect(at.open("file")).rejects.toMatchObject({ code: "VAULT_LOCKED" });
    expect(await (await at.open()).read(SESSION)).toBe("a token");
  });

  it("never says the password of its URL", async () => {
    const failures = await Promise.all(
      ["postgres://somebody:canary-password@[nonsense/none", strangerUrl("canary-password")].map((url) =>
        openPostgresVault({ url, keys: { main: "file", keyFolder: "/nowhere" } }).catch((error: unknown) => error),
      ),
    );
    for (const failure of failures) {
      expect(failure).toMatchObject({ code: expect.stringMatching(/^(?:VAULT_UNAVAILABLE|USAGE)$/) });
      expect(`${inspect(failure, { depth: 9, showHidden: true })}${JSON.stringify(failure)}`).not.toContain("canary");
    }
    await using mine = await team();
    const vault = await mine.open();
    expect(vault.place).toMatch(/^postgres:\/\/kunji@127\.0\.0\.1:\d+\/test_\w+$/);
    expect(inspect(vault, { depth: 9, showHidden: true })).not.toContain(new URL(mine.url).password);
  });

  it.each([
    ["a database that does not exist", { pathname: "/nowhere" }, "3D000", /Create it/],
    ["a user that does not exist", { username: "nobody_here" }, "28", /^(?:Correct|Look)/],
    ["a schema that does not exist", { search: "?options=-csearch_path%3Dnowhere" }, "3F000", /Create the schema/],
  ] as const)("says what to do about %s, without the password", async (_name, change, state, step) => {
    await using folder = vaultFolder();
    const url = Object.assign(new URL(await database.schema()), change);
    const keys = { main: `file:${folder.keys}/team.key`, keyFolder: folder.keys };
    const failure = await openPostgresVault({ url: url.href, keys }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "VAULT_UNAVAILABLE", nextStep: expect.stringMatching(step) });
    expect(String(failure)).toContain(`(${state}`);
    expect(inspect(failure, { depth: 9, showHidden: true })).not.toContain(`:${url.password}@`);
  });

  it("says what to do about a user without rights", async () => {
    await using folder = vaultFolder();
    const url = new URL(await database.schema());
    const role = `stranger_${randomBytes(4).toString("hex")}`;
    await database.client.query(`CREATE ROLE ${role} LOGIN PASSWORD 'canary'`);
    Object.assign(url, { username: role, password: "canary" });
    const schema = url.searchParams.get("options")?.split("=")[1];
    await database.client.query(`GRANT USAGE ON SCHEMA ${schema} TO ${role}`);
    const keys = { main: `file:${folder.keys}/team.key`, keyFolder: folder.keys };
    const failure = await openPostgresVault({ url: url.href, keys }).catch((error: unknown) => error);
    await database.client.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    expect(failure).toMatchObject({
      code: "VAULT_UNAVAILABLE",
      nextStep: expect.stringMatching(/GRANT USAGE, CREATE/),
    });
  });

  it("closes although the cable was cut, and nobody hears its goodbye", async () => {
    await using mine = await team();
    await using cable = await startCable(mine.url);
    const keys = { main: `file:${mine.folder.keys}/team.key`, keyFolder: mine.folder.keys };
    const vault = await openPostgresVault({ url: cable.url, keys });
    await vault.write(SESSION, "a token");
    cable.cut();
    await vault.close();
    expect(await (await mine.open()).read(SESSION)).toBe("a token");
  });

  it("goes on by itself when its connection was cut, and tells watchers what they may have missed", async () => {
    await using mine = await team();
    const [one, two] = [await mine.open(), await mine.open()];
    await one.write(SESSION, "before");
    let calls = 0;
    let isTold = () => {};
    const stop = two.watch(SESSION, () => {
      calls += 1;
      isTold();
    });
    const told = () =>
      new Promise<void>((resolve) => {
        isTold = resolve;
      });
    const afterCut = told();
    await cutConnections();
    await afterCut;
    expect(await two.read(SESSION)).toBe("before");
    const afterWrite = told();
    await one.write(SESSION, "after");
    await afterWrite;
    expect(await two.read(SESSION)).toBe("after");
    expect(calls).toBeGreaterThanOrEqual(2);
    stop();
  });

  it("tells whoever holds a lock that it is lost with the connection, and lets somebody else in", async () => {
    await using mine = await team();
    const [one, two] = [await mine.open(), await mine.open()];
    let entered = () => {};
    const inside = new Promise<void>((resolve) => {
      entered = resolve;
    });
    const holder = one.withLock(ID, async (lost) => {
      entered();
      await new Promise((resolve) => lost.addEventListener("abort", resolve));
      // It ends up before whoever waits for the work, so it has words for a person.
      expect(lost.reason).toMatchObject({ code: "VAULT_UNAVAILABLE", nextStep: expect.stringContaining("Try again") });
      return "lost";
    });
    await inside;
    await cutConnections();
    expect(await two.withLock(ID, async () => "next")).toBe("next");
    expect(await holder).toBe("lost");
  });
});

describe("a lock in Postgres", () => {
  it("is not kept by a connection that could not give it back", async () => {
    const schema = await database.schema();
    // What is in the schema is found before what the server brings along.
    await using mine = await team(`${schema}%2Cpg_catalog`);
    const [one, two] = [await mine.open(), await mine.open()];
    const name = new URL(schema).searchParams.get("options")?.split("=")[1];
    await database.client.query(`
      CREATE FUNCTION ${name}.pg_advisory_unlock(bigint) RETURNS boolean LANGUAGE plpgsql
      AS $$ BEGIN RAISE EXCEPTION 'canceled' USING ERRCODE = '57014'; END $$`);
    expect(await one.withLock(ID, async () => "first")).toBe("first");
    await database.client.query(`DROP FUNCTION ${name}.pg_advisory_unlock(bigint)`);
    expect(await two.withLock(ID, async () => "second", { signal: AbortSignal.timeout(10_000) })).toBe("second");
    expect(await one.withLock(ID, async () => "third")).toBe("third");
  });

  it("goes to the next when the one whose turn it is has left in that moment", async () => {
    await using mine = await team();
    const [holder, leaving, next] = [await mine.open(), await mine.open(), await mine.open()];
    const left = new AbortController();
    const wait = (vault: Vault, signal?: AbortSignal) => {
      let isWaiting = () => {};
      const waits = new Promise<void>((resolve) => {
        isWaiting = resolve;
      });
      const turn = vault.withLock(ID, async () => "in", { signal, waiting: isWaiting });
      return { waits, turn };
    };
    const turns = await holder.withLock(ID, async () => {
      const first = wait(leaving, left.signal);
      await first.waits;
      const second = wait(next);
      await second.waits;
      left.abort(new RangeError("enough"));
      return [first.turn.catch((error: unknown) => error), second.turn];
    });
    expect(await Promise.all(turns)).toEqual([new RangeError("enough"), "in"]);
  });
});

/** The database of the tests with a wrong password. */
/** A way to the database that can be cut: from then on nothing comes through, and neither side is told. */
async function startCable(url: string) {
  const { hostname: host, port } = new URL(url);
  const ends: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ host, port: Number(port), allowHalfOpen: true });
    ends.push(near, far);
    near.pipe(far).pipe(near);
    for (const end of [near, far]) end.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const here = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: Object.assign(new URL(url), { host: here }).href,
    cut() {
      for (const end of ends) end.unpipe().pause();
    },
    async [Symbol.asyncDispose]() {
      for (const end of ends) end.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function strangerUrl(password: string): string {
  const { host, database: name } = database.client;
  return `postgres://kunji:${password}@${host}:${database.client.port}/${name}`;
}

async function schemaOf({ url }: TestPostgres): Promise<string> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await createSchema(client, url);
  } finally {
    await client.end();
  }
}

describe("a Postgres that is restarted", () => {
  let server: TestPostgres;

  beforeAll(async () => {
    server = await startPostgres();
  });

  afterAll(async () => {
    await server.close();
  });

  it("loses nothing that was written, after a crash too, and watchers and locks go on (S-94)", async () => {
    await using mine = await team(await schemaOf(server));
    const [one, two] = [await mine.open(), await mine.open()];
    for (const [round, end] of (["stop", "crash"] as const).entries()) {
      await one.write(SESSION, `round ${round}`);
      let isLost = () => {};
      let isHeld = () => {};
      const lost = new Promise<void>((resolve) => {
        isLost = resolve;
      });
      const held = new Promise<void>((resolve) => {
        isHeld = resolve;
      });
      const work = one.withLock(ID, async (signal) => {
        signal.addEventListener("abort", isLost);
        isHeld();
        await lost;
      });
      await held;
      let isTold = () => {};
      const told = new Promise<void>((resolve) => {
        isTold = resolve;
      });
      const stop = two.watch(SESSION, isTold);
      await server[end]();
      await Promise.all([lost, work]);
      await server.start();
      await told;
      stop();
      expect(await two.read(SESSION)).toBe(`round ${round}`);
      expect(await two.withLock(ID, async () => "again")).toBe("again");
    }
  });

  it("is waited for by whoever reads, writes or opens meanwhile", async () => {
    await using mine = await team(await schemaOf(server));
    const vault = await mine.open();
    await vault.write(SESSION, "before");
    await server.stop();
    const work = Promise.all([vault.read(SESSION), vault.write(OTHER, "meanwhile"), mine.open()]);
    await server.start();
    expect((await work)[0]).toBe("before");
    expect(await vault.read(OTHER)).toBe("meanwhile");
  });
});
