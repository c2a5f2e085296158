import type { Database } from '../../adapters/sqlite-database.ts'
import type { FirstStep, Status } from '../../node-api.ts'

/** The way from nothing to the first release, with what is done ticked off; empty once a partner holds something of ours or we of it. */
export function firstSteps(
  db: Database,
  { partners, policy, records }: Pick<Status, 'partners' | 'policy' | 'records'>,
): readonly FirstStep[] {
  const any = (sql: string) => db.prepare(sql).get() !== undefined
  // Once: what was recalled since does not make anybody a beginner.
  const isOver = partners.some(
    ({ sent, received }) =>
      sent.records + received.records > 0 || sent.tally !== null || received.tally !== null,
  )
  if (isOver) return []
  return [
    {
      done: partners.length > 0,
      words:
        'pair with a partner: one invites, the other accepts, both compare six words by telephone',
      command: 'entente partner invite NATION',
    },
    {
      done: partners.some(({ connected }) => connected),
      words: 'reach a partner: both nodes serve, and one can dial the other',
      command: 'entente serve',
    },
    {
      done: records > 0,
      words: 'bring in your records; they are yours alone until a policy says otherwise',
      command: 'entente import FILE --mapping MAPPING',
    },
    {
      done: policy !== null,
      words: 'have your policy authority sign who may have what; without it nothing goes',
      command: 'entente policy new --template bilateral --out FILE',
    },
    {
      done: any("SELECT 1 FROM statement WHERE kind = 'subscribe' LIMIT 1"),
      words: 'see what a partner offers you, and ask for it',
      command: 'entente catalogue',
    },
    {
      done: any('SELECT 1 FROM subscription LIMIT 1'),
      words: 'wait for a partner to ask for something of yours (it runs entente subscribe)',
      command: 'entente dataset list',
    },
    {
      done: false,
      words: 'look at what would go to whom, then let it go',
      command: 'entente release preview',
    },
  ]
}
