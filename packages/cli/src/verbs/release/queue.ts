import { z } from 'zod'
import { writeQueueFile } from '../../approvals/approval-files.ts'
import { filterOf, filterOptions } from '../../approvals/pick-items.ts'
import { formatItems, sayQueue } from '../../approvals/queue-text.ts'
import { EXIT } from '../../exit-codes.ts'
import { refuseExisting } from '../../files.ts'
import { count } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const releaseQueueVerb = defineVerb({
  name: 'release queue',
  purpose:
    'Show what waits for a release officer: what, for whom, why, since when, who has signed.',
  options: [
    ...filterOptions,
    { flags: '--overdue', purpose: 'only what waits for too long; exit 5 if anything does' },
    { flags: '--refused', purpose: 'also what an officer has refused' },
    { flags: '--approved', purpose: 'also what goes by an approval, and until when' },
    { flags: '--out <file>', purpose: 'write it for an officer whose key lies elsewhere' },
  ],
  example: 'release queue --nation GBR',
  next: 'entente release approve ID --key NOR.officer.pem, or refuse, or hold',
  input: z.strictObject({
    record: z.string().optional(),
    nation: z.string().optional(),
    dataset: z.string().optional(),
    overdue: z.boolean().default(false),
    refused: z.boolean().default(false),
    approved: z.boolean().default(false),
    out: z.string().optional(),
  }),
  run: async ({ atNode, io }, { overdue, refused, approved, out, ...filter }) => {
    if (out !== undefined) refuseExisting(out)
    const all = await atNode((api) => api.approvalQueue({ ...filterOf(filter), approved }))
    const items = all.items.filter(
      (item) => (refused || item.state !== 'refused') && (!overdue || item.overdue),
    )
    const queue = { ...all, items }
    if (out === undefined)
      return {
        json: { ...queue },
        text: `${formatItems(items, io)}\n\n${sayQueue(queue, io)}`,
        // For a timer that writes to officers.
        exit: overdue && items.length > 0 ? EXIT.waiting : EXIT.done,
      }
    writeQueueFile(out, queue)
    return {
      json: { file: out, items: items.length },
      text: `${out}: ${count(items.length, 'value')}, with what they are: keep it as safe as the node.\nNext: entente release approve --from ${out} --all --key OFFICER.pem --out SIGNED.json`,
    }
  },
})
