import { parseDocument } from 'yaml'

/** Sets members of a map in a YAML or JSON text; what else stands there, with its comments, stays. The map is made where it is missing. */
export function setInYaml(
  text: string,
  path: readonly string[],
  members: Readonly<Record<string, unknown>>,
): string {
  const yaml = parseDocument(text)
  for (const [key, value] of Object.entries(members)) yaml.setIn([...path, key], value)
  // JSON is YAML; it is written as JSON again.
  return isJson(text)
    ? `${JSON.stringify(yaml.toJS(), null, 2)}\n`
    : yaml.toString({ lineWidth: 0 })
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
