import { jointKinds } from '@entente/schema'
import { z } from 'zod'
import { editInput, editOptions, nationList, parseValues } from '../../joint/joint-options.ts'
import { formatDocument, shortId } from '../../joint/joint-text.ts'
import { labelOf } from '../../label.ts'
import { defineVerb } from '../../verb.ts'

export const jointCreateVerb = defineVerb({
  name: 'joint create',
  purpose:
    'Create a document that several nations write. Members, kind, validators, quorum and label stand for good; all that is written in it goes to every member.',
  options: [
    { flags: '--with <nations>', purpose: 'the other members: AUS,GBR' },
    { flags: '--kind <kind>', purpose: jointKinds.join(', ') },
    ...editOptions,
    { flags: '--label <label>', purpose: 'label of the document: RESTRICTED//REL TO AUS,GBR' },
    { flags: '--validators <nations>', purpose: 'who endorses it (else every member)' },
    { flags: '--quorum <n>', purpose: 'so many of them must (else all)' },
    { flags: '--dataset <name>', purpose: 'by which the policy decides (else joint)' },
  ],
  example:
    'joint create --with AUS,GBR --kind requirement --label "UNCLASSIFIED//REL TO AUS,GBR,USA" --set title="Maritime radar" --set needed-by=2031-06-30',
  where: 'at a node whose policy has the dataset joint',
  next: 'entente joint edit DOCUMENT --set PATH=VALUE; entente joint vote DOCUMENT --endorse --key FILE',
  input: z.strictObject({
    with: z.string({ error: 'name the other members with --with' }),
    kind: z.enum(jointKinds, { error: `say with --kind what it is: ${jointKinds.join(', ')}` }),
    label: z.string({ error: 'give the document a label with --label' }),
    validators: z.string().optional(),
    quorum: z.coerce.number().int().min(1).optional(),
    dataset: z.string().default('joint'),
    ...editInput,
  }),
  run: async ({ atNode, io }, { with: others, kind, label, validators, quorum, dataset, set }) => {
    const values = parseValues(set)
    const documentLabel = labelOf(label)
    const document = await atNode((api) =>
      api.jointCreate({
        kind,
        with: nationList(others),
        ...(validators !== undefined && { validators: nationList(validators) }),
        ...(quorum !== undefined && { quorum }),
        documentLabel,
        dataset,
        set: values,
        unset: [],
      }),
    )
    return {
      json: { document },
      text: `created ${shortId(document.id)}\n\n${formatDocument(document, io)}`,
    }
  },
})
