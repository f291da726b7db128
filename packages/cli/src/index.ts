/** `import ... from "kunji"`: the clients, as `@kunji/client` has them, and the keeper, as `@kunji/keeper` has it. */
export * from "@kunji/client";
export * from "@kunji/keeper";
