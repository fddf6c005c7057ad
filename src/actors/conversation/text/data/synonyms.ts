/** Names of the same thing across languages; used only when a catalogue sells something under one of them. Data: translators add here. */
export const SYNONYMS: readonly (readonly string[])[] = [
  ['coke', 'coca cola', 'cocacola', 'coca', 'cola', 'khokhi', 'koki'],
  ['vetkoek', 'vetkoeks', 'amagwinya', 'magwinya', 'igwinya', 'gwinya', 'fatcake', 'fat cake', 'fat cakes', 'fatcakes'],
  ['kota', 'ikota', 'bunny', 'bunny chow', 'sphatlo', 'spatlho', 'skhambane'],
  ['bread', 'isinkwa', 'sinkwa', 'izinkwa', 'bohobe', 'borotho', 'isonka', 'brood', 'loaf', 'loaves'],
  ['milk', 'ubisi', 'lebese', 'ubisi', 'melk'],
  ['chips', 'slap chips', 'fries', 'amashibusi', 'skyfies', 'machipisi', 'amachips'],
  ['chicken', 'inkukhu', 'nyama ya kgoho', 'kgoho', 'khoho', 'hoender', 'inyama yenkukhu'],
  ['pap', 'uphuthu', 'phuthu', 'papa', 'bogobe'],
  ['tea', 'itiye', 'tee', 'tiye'],
  ['coffee', 'ikhofi', 'kofi', 'koffie'],
  ['sugar', 'ushukela', 'shukela', 'tswekere', 'suiker', 'iswekile'],
  ['eggs', 'amaqanda', 'iqanda', 'qanda', 'egg', 'mahe', 'lehe', 'eier', 'eiers'],
  ['water', 'amanzi', 'metsi'],
  ['meat', 'inyama', 'nama', 'vleis'],
  ['cooldrink', 'cool drink', 'cold drink', 'colddrink', 'isiphuzo', 'koeldrank', 'drinks'],
  ['fish', 'inhlanzi', 'tlhapi', 'vis'],
  ['russian', 'russians', 'irashiya', 'rashiya'],
];

/** Names of the same part of a menu; used only when a menu has one of them. */
export const CATEGORY_SYNONYMS: readonly (readonly string[])[] = [
  ['drinks', 'cooldrinks', 'cool drinks', 'cold drinks', 'beverages', 'iziphuzo', 'isiphuzo', 'ziphuzo', 'koeldrank', 'drankies', 'dino'],
  ['sweets', 'amaswidi', 'lekkers', 'dipompong'],
  ['desserts', 'dessert', 'nagereg'],
  ['sides', 'extras'],
];
