/** The number that follows an option on the command line, or the usual one. */
export function numberOption(name, usual) {
  return process.argv.includes(name) ? Number(process.argv[process.argv.indexOf(name) + 1]) : usual;
}
