/** Words that say nothing about what is ordered, in five languages. */

const FILLERS = new Set(
  (
    'please pls plz another extra good morning afternoon evening day today now and with the of for me i want to get can have you my some more also add order buy give send like would d id ll im need on in at it is this that just ' +
    'hi hey hello sawubona dumela molo hallo thanks thank ngicela ngifuna ngiyabonga ndicela ndifuna kanye futhi no na le ke kopa batla ek wil asseblief asb leboha leboga kealeboga kealeboha tle hle en met die dit ' +
    'we our us let s t m us one s sharp boss bra sisi mama baba bhuti ausi ml litre size either other both better'
  ).split(' '),
);

export function isFiller(token: string): boolean {
  return FILLERS.has(token);
}

/** Said while thinking: nothing sold, but behind a "yes" a doubt. */
const HESITATIONS: ReadonlySet<string> = new Set(
  'uhm um umm uh er erm hmm hmmm maybe perhaps probably eish yoh yho daar mos kanti bathong mfethu bafethu mchana yini'.split(' '),
);

export function isHesitation(token: string): boolean {
  return HESITATIONS.has(token);
}
