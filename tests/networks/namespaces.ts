import { execFileSync } from 'node:child_process'

/** A nation's own network stack, joined to every other nation's by a line of their own. Linux only, as root. */
export interface Namespaces<Name extends string> extends AsyncDisposable {
  /** What `fork` needs to run Node in there. */
  readonly inside: (name: Name) => { readonly execPath: string; readonly execArgv: string[] }
  /** Addresses of this nation, one on each line. */
  readonly addresses: (name: Name) => readonly string[]
  /** From now on what is sent on this line is lost, and neither side is told. */
  readonly cut: (a: Name, b: Name) => void
  readonly heal: (a: Name, b: Name) => void
  /** The nation has another address on this line; the other side does not know. */
  readonly moveAddress: (name: Name, other: Name) => void
  /** Delays, loses and reorders what the nation sends. @see tc-netem(8) */
  readonly shape: (name: Name, netem: readonly string[]) => void
}

const ip = (...args: readonly string[]): void => {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] })
}

const probe = `entente-probe-${process.pid}`

function tried(act: () => void): string | null {
  try {
    act()
    return null
  } catch (error) {
    const { stderr, message } = error as Error & { readonly stderr?: Buffer }
    return (stderr?.toString().trim() || message).split('\n')[0] ?? message
  }
}

function inProbe(act: () => void): string | null {
  if (process.platform !== 'linux') return 'network namespaces are of Linux'
  const why = tried(() => {
    ip('netns', 'add', probe)
    act()
  })
  tried(() => ip('netns', 'del', probe))
  return why
}

/** Why no namespaces can be made here, or null. */
export const whyNoNamespaces = (): string | null =>
  inProbe(() => {
    ip('-n', probe, 'link', 'add', 'probe0', 'type', 'veth', 'peer', 'name', 'probe1')
    ip('-n', probe, 'link', 'add', 'probe2', 'type', 'bridge')
  })

/** Why a line cannot be made worse than the machine's own, or null. */
export const whyNoShaping = (): string | null =>
  inProbe(() =>
    execFileSync(
      'ip',
      ['netns', 'exec', probe, 'tc', 'qdisc', 'add', 'dev', 'lo', 'root', 'netem', 'delay', '1ms'],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    ),
  )

/** Makes a namespace a name, and between any two a line with a network of its own. They are gone at the end. */
export function createNamespaces<Name extends string>(names: readonly Name[]): Namespaces<Name> {
  const space = (name: Name) => `entente-${process.pid}-${name.toLowerCase()}`
  const lines = names.flatMap((a, i) => names.slice(i + 1).map((b) => [a, b] as const))
  const lineOf = (a: Name, b: Name): number =>
    lines.findIndex(([x, y]) => (x === a && y === b) || (x === b && y === a))
  const hostOf = (name: Name, line: number): number => (lines[line]?.[0] === name ? 1 : 2)
  const at = (name: Name, ...args: readonly string[]) => ip('-n', space(name), ...args)
  /** Between the nations: each line is a bridge there. */
  const exchange = `entente-${process.pid}-exchange`
  const between = (...args: readonly string[]) => ip('-n', exchange, ...args)
  const portOf = (name: Name, line: number): string => `p${line}-${hostOf(name, line)}`
  const dispose = async (): Promise<void> => {
    for (const each of [...names.map(space), exchange]) tried(() => ip('netns', 'del', each))
  }
  try {
    ip('netns', 'add', exchange)
    for (const name of names) {
      ip('netns', 'add', space(name))
      at(name, 'link', 'set', 'lo', 'up')
    }
    for (const [line, ends] of lines.entries()) {
      between('link', 'add', `b${line}`, 'type', 'bridge')
      between('link', 'set', `b${line}`, 'up')
      for (const name of ends) {
        const port = portOf(name, line)
        at(name, 'link', 'add', `l${line}`, 'type', 'veth', 'peer', port, 'netns', exchange)
        at(name, 'address', 'add', `10.86.${line}.${hostOf(name, line)}/24`, 'dev', `l${line}`)
        at(name, 'link', 'set', `l${line}`, 'up')
        between('link', 'set', port, 'master', `b${line}`, 'up')
      }
    }
  } catch (error) {
    void dispose()
    throw error
  }
  const port = (a: Name, b: Name): string => portOf(a, lineOf(a, b))
  return {
    inside: (name) => ({
      execPath: 'ip',
      execArgv: ['netns', 'exec', space(name), process.execPath],
    }),
    addresses: (name) =>
      lines.flatMap(([a, b], line) =>
        a === name || b === name ? [`10.86.${line}.${hostOf(name, line)}`] : [],
      ),
    // Both ends keep their carrier and their routes.
    cut: (a, b) => between('link', 'set', port(a, b), 'nomaster'),
    heal: (a, b) => between('link', 'set', port(a, b), 'master', `b${lineOf(a, b)}`),
    moveAddress: (name, other) => {
      const line = lineOf(name, other)
      at(name, 'address', 'flush', 'dev', `l${line}`)
      at(name, 'address', 'add', `10.86.${line}.${hostOf(name, line) + 100}/24`, 'dev', `l${line}`)
    },
    shape: (name, netem) => {
      for (const [line, [a, b]] of lines.entries())
        if (a === name || b === name)
          execFileSync(
            'ip',
            ['netns', 'exec', space(name), 'tc', 'qdisc', 'replace', 'dev', `l${line}`].concat([
              'root',
              'netem',
              ...netem,
            ]),
            { stdio: ['ignore', 'ignore', 'pipe'] },
          )
    },
    [Symbol.asyncDispose]: dispose,
  }
}
