/** The text that follows an option on the command line, or the usual one. */
export function textOption(name, usual) {
  return process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : usual;
}

/** The number that follows an option on the command line, or the usual one. */
export function numberOption(name, usual) {
  return Number(textOption(name, usual));
}
