import { type BasketProblem, readBasket, type TradejiniOrderBasket } from "@kunji/contract/tradejini";

/**
 * A basket as it travels, checked: what is looked at is the very text that is sent.
 * @param basket the orders, or their JSON
 * @throws TypeError that lists every problem of every order
 */
export function basketText(basket: TradejiniOrderBasket | string): string {
  const text = typeof basket === "string" ? basket : (JSON.stringify(basket) ?? "");
  const { problems } = readBasket(text);
  if (problems !== undefined) throw new TypeError(`the basket cannot be sent:\n${problems.map(line).join("\n")}`);
  return text;
}

function line({ index, field, problem }: BasketProblem): string {
  const where = index === undefined ? "the basket" : `order ${index}`;
  return `- ${where}${field === undefined ? "" : `, ${field}`}: ${problem}`;
}
