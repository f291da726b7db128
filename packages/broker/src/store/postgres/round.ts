import type { Statement, StatementResult } from "../verb.ts";
import type { Answer, Query } from "./connection.ts";
import { prepared, preparedForMany, toParameter } from "./statement-text.ts";

/** A query that answers one or more of a round's statements. */
export interface PlannedQuery {
  readonly query: Query;
  /** Whose statements it answers: indices into the round. */
  readonly asked: readonly number[];
  readonly read: (answer: Answer) => readonly StatementResult[];
}

/** Makes queries of statements that stand side by side: those of one text that allow it become one query. */
export function planRound(statements: readonly Statement[]): PlannedQuery[] {
  const plan: PlannedQuery[] = [];
  const gathered = new Map<string, number[]>();
  for (const [index, statement] of statements.entries()) {
    const others = statement.kinds && gathered.get(statement.text);
    if (others) others.push(index);
    else if (statement.kinds) gathered.set(statement.text, [index]);
    else plan.push(planOne(statement, index));
  }
  for (const asked of gathered.values()) {
    const [first = 0] = asked;
    const statement = statements[first] as Statement;
    plan.push(asked.length === 1 ? planOne(statement, first) : planMany(statements, statement, asked));
  }
  return plan;
}

function planOne({ text, params, read }: Statement, index: number): PlannedQuery {
  const { name, text: sql } = prepared(text);
  return {
    query: { name, text: sql, values: params.map(toParameter) },
    asked: [index],
    read: (answer) => [{ rows: readRows(answer, 0, read), changes: answer.changes }],
  };
}

function planMany(statements: readonly Statement[], first: Statement, asked: readonly number[]): PlannedQuery {
  const { name, text, answers } = preparedForMany(first.text, first.kinds ?? []);
  const values = first.params.map((_, position) =>
    asked.map((index) => toParameter((statements[index] as Statement).params[position] ?? null)),
  );
  return {
    query: { name, text, values },
    asked,
    read(answer) {
      if (answers === "inserts") return asked.map(() => ONE_CHANGE);
      const results = asked.map(() => ({ rows: [] as unknown[], changes: 0 }));
      const rows = answers === "rows" ? readRows(answer, 1, first.read) : [];
      for (const [line, values] of answer.rows.entries()) {
        const result = results[(values[0] as number) - 1];
        if (!result) continue;
        result.changes += 1;
        if (answers === "rows") result.rows.push(rows[line]);
      }
      return results;
    },
  };
}

/** What an insert of one row comes to. */
export const ONE_CHANGE: StatementResult = { rows: [], changes: 1 };

/**
 * @param from the first column that belongs to the row
 * @param read what makes a row of its columns; without it they are named as the query names them
 */
function readRows({ columns, rows }: Answer, from: number, read: Statement["read"]): unknown[] {
  if (read) return rows.map((values) => read(from === 0 ? values : values.slice(from)));
  return rows.map((values) => {
    const row: Record<string, unknown> = {};
    // The names are the column names of our own statements, never input.
    for (let index = from; index < columns.length; index++) {
      row[(columns[index] as { readonly name: string }).name] = values[index];
    }
    return row;
  });
}

/**
 * Gives each statement its part of the answers.
 * @param answers to the planned queries, in their order
 * @returns the result for each place in the round
 */
export function* readRound(
  plan: readonly PlannedQuery[],
  answers: readonly Answer[],
): Generator<{ readonly place: number; readonly result: StatementResult }> {
  for (const [position, planned] of plan.entries()) {
    const results = planned.read(answers[position] as Answer);
    for (const [nth, place] of planned.asked.entries()) yield { place, result: results[nth] as StatementResult };
  }
}
