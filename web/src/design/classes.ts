/** The class names that are there: `classes("button", busy && "button-busy")`. */
export function classes(...names: (string | false | null | undefined)[]): string {
  return names.filter(Boolean).join(" ");
}
