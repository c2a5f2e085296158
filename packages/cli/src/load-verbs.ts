import type { Verb } from './verb.ts'
import { verbs } from './verbs/index.ts'

/** Options of every verb, which may stand before it, that take a value. */
const valued = new Set(['--folder', '--passphrase-fd'])
/** What shows several verbs. */
const help = new Set(['help', '--help', '-h'])
/** What needs none. */
const VERSION = '--version'

/**
 * The verbs that a command line can mean: the one that it names, with those that lie below it, which a slip may have meant. All, where it names
 * none or asks for help.
 * @param args as typed, without `entente`
 */
export async function loadVerbs(args: readonly string[] = []): Promise<readonly Verb[]> {
  if (args[0] === VERSION) return []
  const words = args.filter((arg, i) => !arg.startsWith('-') && !valued.has(args[i - 1] ?? ''))
  const named = Object.keys(verbs).filter((name) => `${words.join(' ')} `.startsWith(`${name} `))
  const longest = named.reduce((one, other) => (other.length > one.length ? other : one), '')
  const isMeant = (name: string) => name === longest || name.startsWith(`${longest} `)
  const isUnclear = longest === '' || args.some((arg) => help.has(arg))
  return Promise.all(
    Object.entries(verbs).flatMap(([name, load]) => (isUnclear || isMeant(name) ? [load()] : [])),
  )
}
