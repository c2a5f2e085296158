import type { SeenEdit } from '../../ledger/writing/seen-edits.ts'

type EditText = Pick<SeenEdit, 'values' | 'seen'>

/** An edit as it is kept until it is applied. */
export const formatEdit = ({ values, seen }: EditText): string => JSON.stringify({ values, seen })

/** The edit of a text that `formatEdit` wrote. */
export const parseEdit = (text: string): EditText => JSON.parse(text) as EditText
