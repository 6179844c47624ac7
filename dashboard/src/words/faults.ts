/**
 * What the server finds wrong with a field, by the code of the rule. English is the server's own: it says a little more, such
 * as which of an address's characters cannot be. What has no code is shown in English to everybody.
 */
import i18next from 'i18next';
import type { Rule, RuleCode } from '../../../server/src/commands/rule.ts';
import type { Words } from './words.ts';

/** What is wrong with a field: in English, and as a rule where it is one that we have words for. */
export type FieldFault = { text: string; rule: Rule | null };

export function faultInWords({ text, rule }: FieldFault): string {
  return rule === null || i18next.language.startsWith('en') ? text : ruleInWords(rule);
}

const ruleInWords = ({ code, params }: Rule): string => i18next.t(`faults:${code}`, { ...params });

type Sentences = Record<RuleCode, string>;

const ru: Sentences = {
  required: 'нужно заполнить',
  number: 'нужно число',
  whole_number: 'нужно целое число',
  too_long: 'не длиннее {{most}} знаков',
  too_short: 'не короче {{least}} знаков',
  at_least: 'не меньше {{least}}',
  at_most: 'не больше {{most}}',
  too_many: 'не больше {{most}} записей',
  one_of: 'одно из: {{values}}',
  email: 'это не адрес электронной почты',
  email_own: 'это и так ваш адрес',
  email_taken: 'адрес занят другим человеком',
  address:
    'это не адрес кошелька в сети {{network}}, на который можно принимать платежи: проверьте, что он скопирован целиком',
  wallet_taken: 'у этого магазина уже есть такой кошелёк для этой монеты и сети',
  amount: 'нужно число больше 0, не больше 8 знаков после точки, например 12.50',
  control_characters: 'не должно содержать управляющих знаков',
  currency: 'такой валюты здесь нет, или её курс сейчас неизвестен',
  decimal_range: 'число от 0 до {{most}}, не больше {{decimals}} знаков после точки',
  http_url: 'нужен адрес http или https',
  image:
    'нужна неповреждённая картинка PNG, JPEG или WebP без анимации, не больше {{side}} × {{side}} точек и 64 КБ',
  logo_large: 'файл не больше 1 МБ',
  network: 'эта сеть здесь не настроена',
  origins: '«{{text}}» не годится: нужен адрес вида https://shop.example, без пути после него',
  hosts: '«{{text}}» не годится: нужно имя вида shop.example',
  password_common: 'такой пароль пробуют первым; выберите другой',
  percent: 'число от 0 до 100 (не включая), не больше 4 знаков после точки',
  pinned_rate: 'число больше 0: сколько единиц стоит один доллар США',
  qr_link: 'в сети {{network}} в коде бывает только адрес',
  reference_taken: 'такой номер уже есть у другого счёта этого магазина',
  refund_only: 'только для того, что возвращено',
  spread: 'доля от 0 до 1 (не включая); 0.01 — это один процент',
  time_future: 'время должно быть в будущем',
  time_near: 'не дальше десяти лет',
  time_zone: 'нужно полное имя часового пояса, например Europe/Berlin',
  top_ups_open:
    'уже {{most}} пополнений ждут оплаты: оплатите одно из них или подождите, пока одно закончится',
  top_ups_day: 'за последние 24 часа не оплачено уже {{most}} пополнений: попробуйте позже',
  days_order: 'не раньше первого дня',
  days_many: 'меньше {{most}} дней после первого дня',
  day: 'нужен день вида 2026-10-25',
  once: 'указано больше одного раза',
  positive_integer: 'нужно целое число больше 0',
  action: 'нужно первое слово действия, например wallet',
  transaction_failed: 'эта транзакция в блокчейне не прошла',
  transaction_foreign: 'эта транзакция не платит на кошелёк этого счёта в его монете',
  transaction_malformed: 'это не номер транзакции сети этого счёта',
  transaction_unseen: 'в блокчейне не найдена; этот магазин принимает только то, что там видно',
  webhook_url: 'нужен адрес http или https, доступный из интернета, без имени пользователя и пробелов',
};

const de: Sentences = {
  required: 'muss ausgefüllt werden',
  number: 'muss eine Zahl sein',
  whole_number: 'muss eine ganze Zahl sein',
  too_long: 'darf höchstens {{most}} Zeichen haben',
  too_short: 'muss mindestens {{least}} Zeichen haben',
  at_least: 'muss mindestens {{least}} sein',
  at_most: 'darf höchstens {{most}} sein',
  too_many: 'darf höchstens {{most}} Einträge haben',
  one_of: 'muss eines von diesen sein: {{values}}',
  email: 'ist keine E-Mail-Adresse',
  email_own: 'ist schon Ihre Adresse',
  email_taken: 'gehört schon jemand anderem',
  address:
    'ist keine Wallet-Adresse auf {{network}}, an die gezahlt werden kann: Prüfen Sie, ob sie ganz kopiert ist',
  wallet_taken: 'hat dieser Händler für diese Münze und dieses Netzwerk schon',
  amount: 'muss eine Zahl über 0 mit höchstens 8 Nachkommastellen sein, etwa 12.50',
  control_characters: 'darf keine Steuerzeichen enthalten',
  currency: 'ist hier keine Währung, oder ihr Kurs ist gerade nicht bekannt',
  decimal_range: 'muss eine Zahl von 0 bis {{most}} mit höchstens {{decimals}} Nachkommastellen sein',
  http_url: 'muss eine http- oder https-Adresse sein',
  image:
    'muss ein unbeschädigtes PNG-, JPEG- oder WebP-Bild ohne Animation sein, höchstens {{side}} × {{side}} Punkte und 64 KB',
  logo_large: 'darf höchstens 1 MB haben',
  network: 'ist hier nicht eingerichtet',
  origins: '„{{text}}“ passt nicht: Es muss etwa https://shop.example lauten, ohne Pfad dahinter',
  hosts: '„{{text}}“ passt nicht: Es muss etwa shop.example lauten',
  password_common: 'gehört zu denen, die zuerst probiert werden; wählen Sie ein anderes',
  percent: 'muss eine Zahl von 0 bis unter 100 mit höchstens 4 Nachkommastellen sein',
  pinned_rate: 'muss eine Zahl über 0 sein: wie viele Einheiten ein US-Dollar sind',
  qr_link: 'kann auf {{network}} nur die Adresse sein',
  reference_taken: 'hat schon eine andere Rechnung dieses Händlers',
  refund_only: 'ist nur für das, was zurückgezahlt wurde',
  spread: 'muss ein Bruchteil von 0 bis unter 1 sein; 0.01 ist ein Prozent',
  time_future: 'muss in der Zukunft liegen',
  time_near: 'muss binnen zehn Jahren liegen',
  time_zone: 'muss der volle Name einer Zeitzone sein, etwa Europe/Berlin',
  top_ups_open:
    'muss warten: {{most}} Aufladungen sind offen und noch nicht bezahlt. Bezahlen Sie eine davon oder warten Sie, bis eine endet',
  top_ups_day:
    'muss warten: {{most}} Aufladungen der letzten 24 Stunden wurden nicht bezahlt. Versuchen Sie es später noch einmal',
  days_order: 'darf nicht vor dem ersten Tag liegen',
  days_many: 'muss weniger als {{most}} Tage nach dem ersten liegen',
  day: 'muss ein Tag sein, etwa 2026-10-25',
  once: 'darf nur einmal angegeben sein',
  positive_integer: 'muss eine ganze Zahl über 0 sein',
  action: 'muss das erste Wort einer Aktion sein, etwa wallet',
  transaction_failed: 'gehört zu einer Transaktion, die auf der Blockchain gescheitert ist',
  transaction_foreign:
    'gehört zu einer Transaktion, die nicht an das Wallet dieser Rechnung in ihrer Münze zahlt',
  transaction_malformed: 'ist keine Transaktionsnummer des Netzwerks dieser Rechnung',
  transaction_unseen:
    'wurde auf der Blockchain nicht gefunden; dieser Händler nimmt nur, was dort zu sehen ist',
  webhook_url:
    'muss eine aus dem Internet erreichbare http- oder https-Adresse ohne Benutzernamen und Leerzeichen sein',
};

const es: Sentences = {
  required: 'es obligatorio',
  number: 'debe ser un número',
  whole_number: 'debe ser un número entero',
  too_long: 'puede tener como mucho {{most}} caracteres',
  too_short: 'debe tener al menos {{least}} caracteres',
  at_least: 'debe ser al menos {{least}}',
  at_most: 'debe ser como mucho {{most}}',
  too_many: 'puede tener como mucho {{most}} entradas',
  one_of: 'debe ser uno de estos: {{values}}',
  email: 'no es una dirección de correo',
  email_own: 'ya es tu dirección',
  email_taken: 'ya es de otra persona',
  address: 'no es una dirección de {{network}} a la que se pueda pagar: comprueba que está copiada entera',
  wallet_taken: 'este comercio ya la tiene para esta moneda y red',
  amount: 'debe ser un número mayor que 0 con 8 decimales como mucho, como 12.50',
  control_characters: 'no puede contener caracteres de control',
  currency: 'no es una moneda de aquí, o su cambio no se conoce ahora',
  decimal_range: 'debe ser un número de 0 a {{most}} con {{decimals}} decimales como mucho',
  http_url: 'debe ser una dirección http o https',
  image:
    'debe ser una imagen PNG, JPEG o WebP sin daños ni animación, de {{side}} × {{side}} puntos y 64 KB como mucho',
  logo_large: 'puede tener como mucho 1 MB',
  network: 'no está configurada aquí',
  origins: '«{{text}}» no vale: debe ser como https://shop.example, sin ruta detrás',
  hosts: '«{{text}}» no vale: debe ser como shop.example',
  password_common: 'es de las que se prueban primero; elige otra',
  percent: 'debe ser un número de 0 a menos de 100 con 4 decimales como mucho',
  pinned_rate: 'debe ser un número mayor que 0: cuántas unidades son un dólar',
  qr_link: 'en {{network}} solo puede ser la dirección',
  reference_taken: 'ya la tiene otra factura de este comercio',
  refund_only: 'es solo para lo que se devolvió',
  spread: 'debe ser una fracción de 0 a menos de 1; 0.01 es un uno por ciento',
  time_future: 'debe estar en el futuro',
  time_near: 'debe estar dentro de diez años',
  time_zone: 'debe ser el nombre completo de una zona horaria, como Europe/Berlin',
  top_ups_open:
    'tiene que esperar: hay {{most}} recargas abiertas sin pagar. Paga una de ellas o espera a que termine una',
  top_ups_day:
    'tiene que esperar: {{most}} recargas de las últimas 24 horas no se pagaron. Inténtalo más tarde',
  days_order: 'no puede ser anterior al primer día',
  days_many: 'debe estar a menos de {{most}} días del primero',
  day: 'debe ser un día, como 2026-10-25',
  once: 'solo puede indicarse una vez',
  positive_integer: 'debe ser un número entero mayor que 0',
  action: 'debe ser la primera palabra de una acción, como wallet',
  transaction_failed: 'es de una transacción que falló en la cadena',
  transaction_foreign: 'es de una transacción que no paga al monedero de esta factura en su moneda',
  transaction_malformed: 'no es un identificador de transacción de la red de esta factura',
  transaction_unseen: 'no se encontró en la cadena; este comercio solo acepta lo que se ve allí',
  webhook_url: 'debe ser una dirección http o https accesible desde internet, sin usuario ni espacios',
};

const fr: Sentences = {
  required: 'est obligatoire',
  number: 'doit être un nombre',
  whole_number: 'doit être un nombre entier',
  too_long: 'peut avoir au plus {{most}} caractères',
  too_short: 'doit avoir au moins {{least}} caractères',
  at_least: 'doit être au moins {{least}}',
  at_most: 'doit être au plus {{most}}',
  too_many: 'peut avoir au plus {{most}} entrées',
  one_of: 'doit être l’un de : {{values}}',
  email: 'n’est pas une adresse e-mail',
  email_own: 'est déjà votre adresse',
  email_taken: 'est déjà à quelqu’un d’autre',
  address:
    'n’est pas une adresse de {{network}} qui puisse être payée : vérifiez qu’elle est copiée en entier',
  wallet_taken: 'ce marchand l’a déjà pour cette monnaie et ce réseau',
  amount: 'doit être un nombre supérieur à 0 avec au plus 8 décimales, comme 12.50',
  control_characters: 'ne doit pas contenir de caractères de contrôle',
  currency: 'n’est pas une devise d’ici, ou son cours n’est pas connu en ce moment',
  decimal_range: 'doit être un nombre de 0 à {{most}} avec au plus {{decimals}} décimales',
  http_url: 'doit être une adresse http ou https',
  image:
    'doit être une image PNG, JPEG ou WebP intacte, sans animation, d’au plus {{side}} × {{side}} points et 64 Ko',
  logo_large: 'peut avoir au plus 1 Mo',
  network: 'n’est pas configuré ici',
  origins: '« {{text}} » ne convient pas : il faut par exemple https://shop.example, sans chemin derrière',
  hosts: '« {{text}} » ne convient pas : il faut par exemple shop.example',
  password_common: 'est de ceux qu’on essaie en premier ; choisissez-en un autre',
  percent: 'doit être un nombre de 0 à moins de 100 avec au plus 4 décimales',
  pinned_rate: 'doit être un nombre supérieur à 0 : combien d’unités font un dollar',
  qr_link: 'sur {{network}}, ce ne peut être que l’adresse',
  reference_taken: 'une autre facture de ce marchand l’a déjà',
  refund_only: 'n’est que pour ce qui a été remboursé',
  spread: 'doit être une fraction de 0 à moins de 1 ; 0.01 est un pour cent',
  time_future: 'doit être dans le futur',
  time_near: 'doit être dans les dix ans',
  time_zone: 'doit être le nom complet d’un fuseau, comme Europe/Berlin',
  top_ups_open:
    'doit attendre : {{most}} recharges sont ouvertes et pas encore payées. Payez-en une ou attendez que l’une se termine',
  top_ups_day:
    'doit attendre : {{most}} recharges des dernières 24 heures n’ont pas été payées. Réessayez plus tard',
  days_order: 'ne doit pas précéder le premier jour',
  days_many: 'doit être à moins de {{most}} jours du premier',
  day: 'doit être un jour, comme 2026-10-25',
  once: 'ne doit être indiqué qu’une fois',
  positive_integer: 'doit être un nombre entier supérieur à 0',
  action: 'doit être le premier mot d’une action, comme wallet',
  transaction_failed: 'est d’une transaction qui a échoué sur la chaîne',
  transaction_foreign:
    'est d’une transaction qui ne paie pas le portefeuille de cette facture dans sa monnaie',
  transaction_malformed: 'n’est pas un identifiant de transaction du réseau de cette facture',
  transaction_unseen: 'n’a pas été trouvée sur la chaîne ; ce marchand n’accepte que ce qui s’y voit',
  webhook_url:
    'doit être une adresse http ou https joignable depuis internet, sans nom d’utilisateur ni espace',
};

export const faults: Words = { 'en-US': {}, 'ru-RU': ru, 'de-DE': de, 'es-ES': es, 'fr-FR': fr };
