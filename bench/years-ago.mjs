/** The date so many years before today, `YYYY-MM-DD`. */
export function yearsAgo(years) {
  const day = new Date();
  day.setUTCFullYear(day.getUTCFullYear() - years);
  return day.toISOString().slice(0, 10);
}
