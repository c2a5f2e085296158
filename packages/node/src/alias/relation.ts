/**
 * `same-party`: two spellings of one company or office. `part-of`: the first is a division, subsidiary or site of the
 * second. `takes-part`: the first is a member of the second, a joint venture or team.
 */
export type Relation = 'same-party' | 'part-of' | 'takes-part'
