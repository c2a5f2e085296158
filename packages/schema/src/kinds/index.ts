export {
  type BandType,
  type FieldDefinition,
  type KindDefinition,
  Sensitivity,
} from './define-kind.ts'
export {
  type FieldOutcome,
  fieldsOf,
  identityOf,
  jsonSchemaOf,
  Kind,
  kinds,
  parseFieldValue,
} from './kinds.ts'
export { CalendarDate, LeadTime, Money, Percent, Place, Plain, Quantity, Rate } from './value.ts'
