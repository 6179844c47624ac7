/** What each rule guards against, for whoever reads that it is broken: the words of docs/states.md, which a test holds against these. */
const meanings: Record<string, string> = {
  'a transfer settles at most one invoice, an invoice is settled by one transfer or by parts that cover it':
    'Goods handed out twice for one payment, or for less than it.',
  'an open invoice holds exactly the amounts it asked for, without an end':
    'Two payers asked for the same amount, or a payment that finds nobody.',
  'an ended invoice holds its amounts until their holds are over, or a later invoice has taken them after that':
    "A late payment that settles a stranger's invoice; an amount that is never free again.",
  'no invoice takes an amount before the hold of the one before it has ended':
    'The same, seen from the invoice that came later.',
  'a completed invoice was paid to its wallet by exactly its amount, or by one recorded as less or more':
    'A paid invoice without the money.',
  'an amount that counts for another one is nearer to that than half of the way to any other that was asked':
    "A tolerance that takes a neighbour's payment.",
  'a completed invoice is marked with what is unusual about its payment':
    'Less money than was asked, or money that came late, without a word to anybody.',
  'an invoice is asked in what is being paid':
    'A page or a webhook that names another coin than the one paid; a payment judged by the time of another amount.',
  'an invoice asks in a coin on a network once, and for no more amounts than a payer may change to':
    'An amount of which nobody knows which one counts; a payer who takes all the free amounts of a wallet.',
  'a settled payment belongs to an invoice that is paid':
    'Money that settled an invoice which does not say so.',
  'an invoice that says nobody has seen what it was confirmed by is paid manually, and by nothing that has settled':
    'A person who looks for a payment that is here, or who trusts one that is not.',
  'a confirming invoice has exactly one payment under way, or parts that cover it; an open one no more than parts that do not':
    'An invoice that waits for ever, or one that expires while its payment is confirmed.',
  'an invoice that is not paid is marked underpaid exactly while parts of it have come that do not cover it':
    'A part that nobody hears of, or a payer who is asked for a rest of nothing.',
  'what is asked for the rest is enough, and less than the whole':
    'A payer who pays all that is asked and is not done, or is asked for more than at first.',
  'a matched transfer has a payment that counts, every other transfer has none':
    'A transfer that is lost between two stages.',
  'an ended invoice has the event it owes: paid comes last, once, after at most one other':
    'A shop that is never told, told twice, or told `expired` after `paid`.',
  'every event has a delivery, and only the last event of an invoice has one that is open':
    'An event that is never sent, or sent after a later one.',
  'requests of a delivery are numbered from 0 without gaps, and none follows a 200':
    'A request that is not on record, or a shop that is told again what it has confirmed.',
  'no request is sent before its time on the schedule': 'A shop in trouble that is flooded with retries.',
  'an invoice expires only after its deadline and grace, and only once the chain was read past them':
    "An order cancelled although it was paid in time. The query sees the clock's half of it; the other half is the guard of the statement that expires.",
  'the cursor is the highest stored block and never below what it calls final':
    'A reorganisation that cannot be walked back.',
  'no transfer stands on a block above the cursor': 'A payment on a block that is no longer on the chain.',
  'the amount due is never below the amount asked': 'A merchant who gets less than was asked.',
  "an invoice's address is that of its wallet": "A payer sent to an address that is not the merchant's.",
  'nobody is told of a payment that was none':
    'A notice that was not written in the transaction of the payment.',
  'every entry of the books moves an amount between two accounts: debits equal credits':
    "Money that appears or vanishes in the operator's books.",
  "a user's balance is the sum of what was posted to it": 'A balance that nobody can account for.',
  'the commission of an invoice is its percent of what is requested, rounded up to 8 decimals':
    'A user charged more, or the operator given less, than was agreed when the invoice was made.',
  'a commission is charged once, when the invoice is paid, and given back while that is reversed':
    'A commission forgotten, taken twice, or kept for a payment that is gone.',
  'a top-up is credited once to its user, when the invoice is paid, and taken back while that is reversed':
    'Credit without the money, or money without the credit.',
  'a wallet is as it was registered':
    'An address exchanged in the database, of a wallet or of an open invoice: its MAC, made with a key the database does not hold, no longer fits.',
  'the audit log is as it was written':
    'Somebody has changed or removed what was written about who did what.',
};

const SPECIAL: Record<string, string> = {
  'a wallet is as it was registered':
    'Nobody is shown that address, and nothing there settles. Compare it with your own wallet and put the row back, or add the wallet anew. Then find out who can write to this database.',
  'the audit log is as it was written':
    'Find out who can write to this database, and compare with a backup what stood there.',
};

const ALWAYS =
  'The program does not do this by itself: it is a bug, or somebody changed the database by hand. Make a backup as it is now, look at what is named in the dashboard or with `cryptoscan invoice show`, decide by hand what the shop and the payer are owed, and report it.';

/** What a broken rule means, and what to do about it, in sentences. */
export const explain = (invariant: string): { means: string; todo: string } => ({
  means: meanings[invariant] ?? '',
  todo: SPECIAL[invariant] ?? ALWAYS,
});

export const explained: readonly string[] = Object.keys(meanings);
