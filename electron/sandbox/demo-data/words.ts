/** What the demo shop's people, places and goods are called. */

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}

function phrases(text: string): string[] {
  return text.trim().split(/\s*\|\s*/);
}

export const firstNames = words(`
  Ada Amir Ana Anton Asha Bea Bruno Carla Chen Clara Dana David Elif Emil Emma Farid Freya Greta Hana Hugo Ida
  Ines Ivan Jamal Jana Jonas José Kai Keiko Lars Lea Liam Lucía Maja Marek Mila Nadia Noah Nora Olga Omar Paul
  Petra Priya Rana Rosa Sami Sofia Søren Tara Tomás Uma Vera Yara Yusuf Zoë
`);

export const lastNames = words(`
  Abbott Adler Almeida Andersen Bauer Bianchi Brown Castro Černý Costa Diaz Dubois Eriksson Fischer Fontaine
  Garcia Gupta Haddad Hansen Hoffmann Horvat Ibrahim Ito Jansen Jensen Kaya Keller Khan Kim Kowalski Kumar Lange
  Larsen Lee Lindqvist Lopez Marino Martin Meyer Moreau Müller Nakamura Nguyen Nielsen Novák O'Brien Okafor Olsen
  Park Patel Pereira Petrov Richter Rossi Santos Sato Schmidt Silva Singh Smith Suzuki Tanaka Torres Virtanen
  Wagner Walsh Weber Wilson Wójcik Yılmaz
`);

export interface City {
  name: string;
  country: string;
  /** Degrees. */
  longitude: number;
  latitude: number;
}

const cityTable: [string, string, number, number][] = [
  ['Amsterdam', 'NL', 4.9, 52.37],
  ['Athens', 'GR', 23.73, 37.98],
  ['Barcelona', 'ES', 2.17, 41.39],
  ['Berlin', 'DE', 13.41, 52.52],
  ['Bratislava', 'SK', 17.11, 48.15],
  ['Brussels', 'BE', 4.35, 50.85],
  ['Budapest', 'HU', 19.04, 47.5],
  ['Copenhagen', 'DK', 12.57, 55.68],
  ['Dublin', 'IE', -6.26, 53.35],
  ['Gdańsk', 'PL', 18.65, 54.35],
  ['Hamburg', 'DE', 9.99, 53.55],
  ['Helsinki', 'FI', 24.94, 60.17],
  ['Lisbon', 'PT', -9.14, 38.72],
  ['Ljubljana', 'SI', 14.51, 46.06],
  ['London', 'GB', -0.13, 51.51],
  ['Lyon', 'FR', 4.84, 45.76],
  ['Madrid', 'ES', -3.7, 40.42],
  ['Malmö', 'SE', 13.0, 55.61],
  ['Milan', 'IT', 9.19, 45.46],
  ['Munich', 'DE', 11.58, 48.14],
  ['Oslo', 'NO', 10.75, 59.91],
  ['Paris', 'FR', 2.35, 48.86],
  ['Porto', 'PT', -8.61, 41.15],
  ['Prague', 'CZ', 14.42, 50.09],
  ['Rome', 'IT', 12.5, 41.9],
  ['Rotterdam', 'NL', 4.48, 51.92],
  ['Stockholm', 'SE', 18.07, 59.33],
  ['Tallinn', 'EE', 24.75, 59.44],
  ['Vienna', 'AT', 16.37, 48.21],
  ['Zürich', 'CH', 8.54, 47.37],
];
export const cities: City[] = cityTable.map(([name, country, longitude, latitude]) => ({
  name,
  country,
  longitude,
  latitude,
}));

export const streets = phrases(`
  Bridge Street | Canal Street | Castle Lane | Church Road | Elm Street | Garden Row | Harbour Road | High Street
  | King Street | Lake View | Linden Alley | Market Square | Mill Lane | Oak Avenue | Park Road | Queen Street |
  River Walk | School Lane | Station Road | Sunset Drive | Valley Road | Windmill Way
`);

export const categories = ['kitchen', 'garden', 'sport', 'office', 'lighting', 'bath', 'outdoor', 'toys'];
export const materials = ['oak', 'steel', 'linen', 'wool', 'glass', 'cork', 'bamboo', 'ceramic', 'copper', 'cotton'];
export const qualities = ['folding', 'compact', 'light', 'sturdy', 'classic', 'round', 'tall', 'soft', 'slim', 'quiet'];
export const goods = words(`
  bottle lamp chair basket kettle board blanket mug shelf stool tray rack bowl bench clock mat hook box pan towel
`);

export const reviewWords = words(`
  arrived quickly exactly described handle loose colour darker photo perfect gift sturdy heavy light easy clean
  broke week replacement friendly support recommend price quality small kitchen every day again surface smooth
  smells packaging good
`);

export const orderStatuses = ['placed', 'paid', 'packed', 'shipped', 'delivered', 'returned', 'cancelled'] as const;
export const warehouses = ['AMS', 'BER', 'LIS'];
export const pages = ['/', '/search', '/product', '/cart', '/checkout', '/account', '/help', '/stores'];
