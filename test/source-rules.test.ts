import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const packages = fileURLToPath(new URL("../packages", import.meta.url));

interface Source {
  readonly file: string;
  /** Without whole-line comments. */
  readonly text: string;
}

const sources: readonly Source[] = readdirSync(packages, { recursive: true, encoding: "utf8" })
  .filter((file) => /^[^/]+\/src\/.*\.tsx?$/.test(file))
  .map((file) => ({
    file,
    text: readFileSync(join(packages, file), "utf8").replaceAll(/^\s*(?:\/\/|\*|\/\*).*$/gm, ""),
  }));

/** Every place where `pattern` matches, as `file: what was found`. */
function places(pattern: RegExp, from: readonly Source[] = sources): string[] {
  return from.flatMap(({ file, text }) => [...text.matchAll(pattern)].map(([found]) => `${file}: ${found.trim()}`));
}

const TEMPLATE = /`(?:\\.|[^`\\])*`/g;
const SQL = /\b(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE (?:TABLE|UNIQUE|INDEX)|ALTER TABLE|DROP|PRAGMA)\b/;
/** What may stand in a statement: column types and lists of names that the source itself writes down. */
const OWN_NAMES = new Set([
  "bytes",
  "bigint",
  "serial",
  "clustered",
  "COLUMNS",
  "FOUND_CODE_COLUMNS",
  "table",
  "assignments",
]);

/** Rewrites statements that the source wrote down so that one does the work of many; their values stay bound. */
const REWRITER = { file: "broker/src/store/postgres/statement-text.ts", names: ["source", "body", "target", "values"] };

describe("SQL (S-109)", () => {
  it("holds nothing that was not written in the source: values are bound", () => {
    const statements = sources.flatMap(({ file, text }) =>
      [...text.matchAll(TEMPLATE)].filter(([template]) => SQL.test(template)).map(([template]) => ({ file, template })),
    );
    expect(statements.length).toBeGreaterThan(20);
    const strange = statements.flatMap(({ file, template }) =>
      [...template.matchAll(/\$\{([^}]*)\}/g)]
        .map(([, name = ""]) => name)
        .filter((name) => !OWN_NAMES.has(name) && !(file === REWRITER.file && REWRITER.names.includes(name)))
        .map((name) => `${file}: ${name}`),
    );
    expect(strange).toEqual([]);
  });

  it("is never glued together", () => {
    const glued =
      /(?:"[^"\n]*\b(?:SELECT|INSERT|UPDATE|DELETE|WHERE|VALUES)\b[^"\n]*"\s*\+|\+\s*"[^"\n]*\b(?:WHERE|VALUES|SET)\b)/g;
    expect(places(glued)).toEqual([]);
  });

  it("reaches the engine in one folder only, and there as a literal or from a verb", () => {
    const calls = places(/\.(?:prepare|exec|pragma)\([^\n]*/g).filter((place) => /prepare|pragma/.test(place));
    const outside = calls.filter((place) => !place.startsWith("broker/src/store/sqlite/"));
    expect(outside).toEqual([]);
    // node-postgres: the keeper's vault has statements of its own.
    const queries = places(/\.query\((?!\))[^\n]*/g);
    expect(queries.filter((place) => !/^(?:broker\/src\/store\/postgres|keeper\/src\/vault)\//.test(place))).toEqual(
      [],
    );
  });
});

/** A regular expression literal, where one can stand. */
const LITERAL = /(?<=[=(,:!&|?{;[>]\s*|return\s+)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[dgimsuvy]*/g;

/** Whether a group that repeats holds something that repeats: the shape that can take exponential time. */
function hasNestedQuantifier(literal: string): boolean {
  const body = literal.slice(1, literal.lastIndexOf("/"));
  const open = [false];
  let closed: boolean | undefined;
  for (let rest = body; rest !== ""; ) {
    const atom = /^(?:\\.|\[(?:\\.|[^\]\\])*\])/s.exec(rest)?.[0];
    const group = /^\((?:\?(?:[:=!]|<[=!]|<\w+>))?/.exec(rest)?.[0];
    const quantifier = /^(?:[*+]|\{\d+,?\d*\})\??/.exec(rest)?.[0];
    if (quantifier) {
      if (closed) return true;
      open[open.length - 1] = true;
    } else if (group) open.push(false);
    const ended = rest.startsWith(")") ? open.pop() : undefined;
    if (ended) open[open.length - 1] = true;
    closed = quantifier ? undefined : ended;
    rest = rest.slice((atom ?? group ?? quantifier ?? rest.slice(0, 1)).length);
  }
  return false;
}

describe("regular expressions (S-109)", () => {
  it.each(["/(a+)+b/", "/^(?:[a-z]*\\.)*$/", "/(?:x{2,5}y?)+/", "/((a*))+/"])("the check below sees %s", (literal) => {
    expect(hasNestedQuantifier(literal)).toBe(true);
  });

  it.each(["/a+b*/", "/^(?:[a-z])*$/", "/[(a+)+]/", "/(?:a+)b+/", "/\\(a+\\)+/"])("and lets %s pass", (literal) => {
    expect(hasNestedQuantifier(literal)).toBe(false);
  });

  it("have no nested quantifiers", () => {
    const literals = sources.flatMap(({ file, text }) => [...text.matchAll(LITERAL)].map(([l]) => ({ file, l })));
    expect(literals.length).toBeGreaterThan(80);
    expect(literals.filter(({ l }) => hasNestedQuantifier(l))).toEqual([]);
  });

  it("are built at run time in three places only, none of them from input", () => {
    expect(
      places(/\bRegExp\([^\n]*/g)
        .map((place) => place.split(":")[0])
        .sort(),
    ).toEqual([
      // A form field's name, in the test kit.
      "broker/src/testing/html-form.ts",
      // A host name label, twice; each repetition begins with the dot that no label holds.
      "broker/src/webhooks/address-guard.ts",
      // The patterns of the contract's own schemas.
      "contract/src/tradejini/basket-problems.ts",
    ]);
  });
});

describe("the last resort (S-112)", () => {
  it("is the process's end: nothing catches what nobody expected and goes on", () => {
    expect(places(/uncaughtException|unhandledRejection/g)).toEqual([]);
  });
});

describe("TLS (S-72)", () => {
  it("is checked everywhere", () => {
    expect(places(/rejectUnauthorized:\s*false|NODE_TLS_REJECT_UNAUTHORIZED["\]]?\s*=/g)).toEqual([]);
  });
});
