import {
  addLike,
  addMember,
  endAgreement,
  formatIsoDate,
  type Moment,
  PolicyDocument,
  parseIsoDate,
  removeNation,
  SignedPolicy,
  SignedRegister,
} from '@entente/policy'
import { Nation } from '@entente/schema'
import { z } from 'zod'
import { readPolicyFile, soundDocument } from '../../authority-file.ts'
import { CliError } from '../../cli-error.ts'
import { comparePolicies, hasNode } from '../../policy-compare.ts'
import { formatDiff } from '../../policy-diff-text.ts'
import type { Session } from '../../session.ts'
import { wrap } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

const Input = z.strictObject({
  file: z.string().optional(),
  add: Nation.optional(),
  like: Nation.optional(),
  remove: Nation.optional(),
  group: z.string().optional(),
  addMember: Nation.optional(),
  end: z.string().optional(),
  at: z
    .string()
    .refine((text) => parseIsoDate(text) !== null, { error: 'is not a date such as 2026-10-01' })
    .optional(),
  all: z.boolean().default(false),
})
type Input = z.infer<typeof Input>

export const policySimulateVerb = defineVerb({
  name: 'policy simulate',
  arguments: '[file]',
  purpose:
    'Show what would move if a partner came or left, an agreement ended, or a day had come. Changes nothing; without a file it asks about the policy in force.',
  options: [
    { flags: '--add <nation>', purpose: 'a new partner …' },
    { flags: '--like <nation>', purpose: '… with the ceiling, groups and rows of this one' },
    { flags: '--remove <nation>', purpose: 'without this partner' },
    { flags: '--group <group>', purpose: 'in this group …' },
    { flags: '--add-member <nation>', purpose: '… one more member' },
    { flags: '--end <agreement>', purpose: 'this agreement of the register ends' },
    { flags: '--at <date>', purpose: 'on that day; alone: what moves between now and then' },
    { flags: '--all', purpose: 'name every change, not only the first ones' },
  ],
  example: 'policy simulate --add NZL --like AUS',
  where: 'at a node with a policy',
  next: 'write the change into a new edition, then entente policy diff FILE',
  input: Input,
  run: async (session, input) => {
    const { file, end, at, all } = input
    const before = await policyOf(session, file)
    const nowMs = session.io.nowMs()
    const thenMs = at === undefined ? nowMs : (parseIsoDate(at) ?? nowMs)
    const day = formatIsoDate(thenMs)
    const changes = changesOf(input, day)
    if (changes.length === 0 && end === undefined && at === undefined)
      throw new CliError(
        'USAGE',
        'say what to imagine: --add N --like M, --remove N, --group G --add-member N, --end AGREEMENT or --at DATE',
      )
    const isChange = changes.length > 0 || end !== undefined
    const moment: Moment = { beforeMs: isChange ? thenMs : nowMs, afterMs: thenMs }
    const after = changes.reduce((policy, { make }) => make(policy), before)
    const register = end === undefined ? undefined : await registerWithout(session, end, day)
    const comparison = await comparePolicies(session, {
      before,
      after,
      moment,
      ...(register !== undefined && { register }),
    })
    const imagined = [
      ...changes.map(({ words }) => words),
      ...(end === undefined ? [] : [`agreement ${end} ends`]),
    ]
    const head = isChange
      ? `Suppose on ${day}: ${imagined.join(', ')}; by edition ${before.edition} of ${before.nation}.`
      : `What edition ${before.edition} of ${before.nation} moves by itself until ${day}.`
    const named = input.add === undefined ? [] : [wrap(sayNamed(input.add, input.like), session.io)]
    return {
      json: { ...comparison.answer, offline: comparison.offline, imagined, on: day },
      text: [wrap(head, session.io), formatDiff(comparison, session.io, all), ...named].join(
        '\n\n',
      ),
    }
  },
})

const sayNamed = (added: string, like = '') =>
  `Labels that name ${like} by itself, and agreements to which it is a party, do not name ${added}: their fields stay where they are.`

interface Imagined {
  readonly words: string
  readonly make: (policy: PolicyDocument) => PolicyDocument
}

function changesOf(
  { add, like, remove, group, addMember: member }: Input,
  day: string,
): readonly Imagined[] {
  if ((add === undefined) !== (like === undefined))
    throw new CliError('USAGE', '--add and --like go together: --add NZL --like AUS')
  if ((group === undefined) !== (member === undefined))
    throw new CliError(
      'USAGE',
      '--group and --add-member go together: --group AUKUS --add-member NZL',
    )
  const changes: Imagined[] = []
  if (remove !== undefined)
    changes.push({
      words: `${remove} is no partner any more`,
      make: (policy) => removeNation(policy, remove),
    })
  if (add !== undefined && like !== undefined)
    changes.push({
      words: `${add} is a partner like ${like}`,
      make: (policy) => addLike(policy, add, like),
    })
  if (group !== undefined && member !== undefined)
    changes.push({
      words: `${member} is a member of ${group}`,
      make: (policy) => addMember(policy, group, member, day),
    })
  return changes
}

async function policyOf(session: Session, file: string | undefined): Promise<PolicyDocument> {
  if (file !== undefined) return soundDocument(readPolicyFile(file))
  if (!hasNode(session))
    throw new CliError('USAGE', 'there is no node here: name a policy file, or the node’s --folder')
  const signed = await session.atNode((api) => api.policyShow())
  const parsed = SignedPolicy.safeParse(signed)
  if (!parsed.success) throw new CliError('USAGE', 'no policy is in force: name a policy file')
  return PolicyDocument.parse(parsed.data.policy)
}

async function registerWithout(session: Session, id: string, day: string): Promise<unknown> {
  const signed = hasNode(session) ? await session.atNode((api) => api.registerShow()) : null
  const parsed = SignedRegister.safeParse(signed)
  if (!parsed.success)
    throw new CliError('USAGE', `no register of agreements is in force here, so ${id} cannot end`)
  return endAgreement(parsed.data.register, id, day)
}
