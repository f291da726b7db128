const format = new Intl.NumberFormat("en-IN", { style: "currency", currency: "INR" });

/** An amount as people in India write it: `₹1,23,456.70`. */
export function rupees(amount: number): string {
  return format.format(amount);
}
