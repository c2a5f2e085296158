/**
 * Words of company names and what they weigh. Small on purpose: a word belongs here when it is said of many companies,
 * never because one company bears it. All are upper case; the first word of an abbreviation line is the short form
 * that stands for all others of the line.
 */
const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

const shortForms = `
  ACFT AIRCRAFT | AMMO AMMUNITION | ASSOC ASSOCIATES ASSOCIATION ASSN | BROS BROTHERS | CNTY COUNTY | CO COMPANY COMPANIES
  COMM COMMS COM COMMUNICATIONS COMMUNICATION | CONSTR CONSTRUCTION | CORP CORPORATION | CTR CENTER CENTRE
  DEF DEFENSE DEFENCE | DEPT DEPARTMENT | DEV DEVELOPMENT | DIV DIVISION DIVISIONS | ELEC ELECTRIC
  ELECTR ELECTRONICS ELECTRONIC | ENG ENGR ENGINEERING ENGRG | EQUIP EQUIPMENT | FT FORT | GEN GENERAL | GOVT GOVERNMENT
  GRP GROUP | IND INDUSTRIES INDUSTRY INDUSTRIAL | INC INCORPORATED | INFO INFORMATION
  INST INSTRUMENTS INSTRUMENT INSTRUMENTATION | INTL INTERNATIONAL INT INTERNATL | LAB LABS LABORATORY LABORATORIES
  LTD LIMITED | MFG MANUFACTURING MFRS MANUFACTURERS | NATL NATIONAL | ORD ORDNANCE | PROD PRODUCTS PRODUCT
  RES RESEARCH | SAT SATELLITE | SCI SCIENCE SCIENCES SCIENTIFIC | SIM SIMULATION | SOL SOLUTIONS SOLUTION | ST SAINT
  SVC SVCS SERVICE SERVICES | SYS SYSTEM SYSTEMS | TAC TACT TACTICAL | TECH TECHNOLOGY TECHNOLOGIES TECHNICAL
  TNG TRAINING | UNIV UNIVERSITY`

/** Short form by spelling: `TECHNOLOGIES` and `TECH` are `TECH`. A short form is its own. */
export const shortForm: ReadonlyMap<string, string> = new Map(
  shortForms.split(/[|\n]/).flatMap((line) => {
    const [short = '', ...long] = line.trim().split(/\s+/)
    return short === '' ? [] : [short, ...long].map((word) => [word, short] as const)
  }),
)

/** Legal forms, in short form. They tell two companies of one group apart, but no two groups. */
export const legalForms = words(`
  INC CORP CO LTD LLC LLP LP PLC ULC PTY PVT GMBH AG KG KGAA AB AS ASA APS OY OYJ SA SAS SARL SRL SPA SL NV BV SE KK
  LIABILITY`)

/** Legal forms of one country or tongue: two names with forms of different groups are hardly one legal person. */
export const legalGroups: readonly ReadonlySet<string>[] = [
  words('INC CORP LLC'),
  words('LP LLP'),
  words('PLC LTD PTY PVT ULC'),
  words('GMBH AG KG KGAA'),
  words('AB AS ASA APS OY OYJ'),
  words('SA SAS SARL SRL SPA SL'),
  words('NV BV'),
]

/** Words that many companies bear, in short form: sharing them says nothing, adding them names a unit at most. */
export const genericWords = words(`
  GEN SYS TECH DIV DEF MARINE MARITIME AERO AEROSPACE AVIATION AIR ACFT SPACE LAND NAVAL NAVY ARMY NATL INTL AMERICAN AMERICA
  UNITED NORTH SOUTH EAST WEST EUROPE GLOBAL WORLD WORLDWIDE FEDERAL GOVT US USA STATE CNTY CITY ADVANCED ADV APPLIED
  INTEGRATED DIGITAL COMMERCIAL SPECIAL SPECIALTY MODERN FIRST NEW PRECISION GRP HOLDING BROS ASSOC PARTNER
  IND MFG PROD EQUIP ENG ENGINE ENGINEER DESIGN DEV RES SCI LAB INST CTR INSTITUTE UNIV SVC SOL SUPPORT SUPPLY LOGISTIC
  MAINTENANCE ELEC ELECTR COMM INFO INFORMATIC INTELLIGENCE NETWORK DATA SOFTWARE COMPUTER COMPUTING SIM TNG MISSION
  MISSILE ROCKET WEAPON ARMAMENT ORD AMMO MUNITION TAC VEHICLE TRUCK MOTOR SHIP BOAT POWER ENERGY FUEL CONTROL SENSOR
  RADAR OPTIC OPTICAL SAT SECURITY SAFETY HELICOPTER PACIFIC ATLANTIC DEPOT ARSENAL PLANT AGENCY ACTIVITY COMMAND DEPT OFFICE TEAM PROGRAM
  PROJECT METAL PLASTIC CHEMICAL MEDICAL TOOL MACHINE CONSTR FIELD CONTAINER ENVIRONMENTAL`)

/** General words that a company adds to its name rather than to that of a unit. Each is a general word too. */
export const fillerWords = words('SYS TECH GRP INTL SVC SOL IND MFG ENG ELECTR PROD HOLDING')

/** Words that say that what they stand with is a unit of a company, also behind a legal form. */
export const unitWords = words('DIV UNIT BRANCH SUBSIDIARY')

/** Words that begin a text which names no company yet: `TBD - kits`. Such a text is skipped. */
export const openWords = words(
  'TBD TBS TBC UNKNOWN UNDETERMINED UNSPECIFIED VARIOUS MULTIPLE CLASSIFIED',
)

/** Words of such texts: one of these alone is skipped, and they tell no company. */
export const placeholderWords = words(`
  TBD TBS TBC NA N A NONE UNKNOWN UNDETERMINED VARIOUS VARIOU MULTIPLE CLASSIFIED NOT SPECIFIED SELECTED DETERMINED
  COMPETED TO BE VENDOR CONTRACTOR SOURCE MANUFACTURER NAME COMPETITIVE COMPETITION LOC`)

/** Words of budget tables that begin a note: what follows is about the order, not about the maker. In short form. */
export const noteWords = words(`
  OCO ECP LRIP FRP LGB LGTR OPTION INCREMENT SPALT SHIPALT ORDALT DBA FSS CONG SLEP MWO KIT AKIT MOD RETROFIT UPGRADE
  INSTALL INSTALLATION KITS AKITS MODS ECPS SPARE CONVERSION REPLACEMENT MODIFICATION REFRESH OBSOLESCENCE HARDWARE HW LOT BLOCK BLK
  PHASE`)

/** Words that say "several companies" without naming them. */
export const jointWords = words('JV JOINT VENTURE TEAM CONSORTIUM')

/** Words left out when names are compared. */
export const linkWords = words('THE AND OF FOR')
