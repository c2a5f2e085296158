import { sayIssue } from '@entente/node'
import type { z } from 'zod'
import { CliError } from './cli-error.ts'
import type { Exit } from './exit-codes.ts'
import type { Session } from './session.ts'

/** What a verb answers: one JSON document, and the same as text for people. */
export interface Outcome {
  /** Null when the verb has already said what it had to say. */
  readonly json: Readonly<Record<string, unknown>> | null
  readonly text: string
  readonly exit?: Exit
  /** First line of an answer that was made of exercise data elsewhere than at this node. */
  readonly exercise?: string | null
}

interface VerbOption {
  /** As commander takes them: `--to <nation>`. */
  readonly flags: string
  readonly purpose: string
  /** May be given several times; arrives as a list. */
  readonly repeat?: true
}

/** How a verb looks from outside. Every verb has `--folder` and `--json` as well. */
export interface VerbFace {
  /** One to three words: `status`, `record add`, `import map save`. */
  readonly name: string
  /** As commander takes them: `<record>`, `<file...>`. */
  readonly arguments?: string
  readonly purpose: string
  readonly options?: readonly VerbOption[]
  /** Without the leading `entente`. */
  readonly example: string
  /** Where the example does what it says, if not everywhere: whose node has the records that it names. */
  readonly where?: string
  /** What a user does after it. */
  readonly next: string
}

export interface Verb extends VerbFace {
  /** @param input arguments and options by name, as typed */
  readonly perform: (session: Session, input: unknown) => Promise<Outcome>
}

/** A verb whose arguments and options pass once through `input` before it runs. */
export function defineVerb<S extends z.ZodType>(
  face: VerbFace & {
    readonly input: S
    readonly run: (session: Session, input: z.output<S>) => Promise<Outcome> | Outcome
  },
): Verb {
  const { input: schema, run, ...rest } = face
  return {
    ...rest,
    perform: async (session, input) => {
      const parsed = schema.safeParse(input)
      if (parsed.success) return run(session, parsed.data)
      throw new CliError('USAGE', parsed.error.issues.map(asTyped(face)).join('; '))
    },
  }
}

/** What is wrong with an option or argument, by the name under which it is typed. */
const asTyped =
  ({ options = [] }: VerbFace) =>
  ({ path: [name, ...path], message }: z.core.$ZodIssue): string => {
    const flag = `--${String(name).replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}`
    const isOption = options.some(({ flags }) => flags.split(' ').includes(flag))
    const first = name === undefined ? [] : [isOption ? flag : name]
    return sayIssue({ path: [...first, ...path], message })
  }
