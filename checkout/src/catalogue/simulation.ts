/** The texts of test mode, which only local chains have: apart, since no payer ever reads them. */
import type { Language, Simulation, SimulationFault } from '../page-state.ts';

type SimulationWords = {
  /** What the page is, wherever test mode shows. */
  mark: string;
  title: string;
  lead: string;
  /** What each is called, and what it will do. */
  actions: Record<Simulation, { name: string; does: string }>;
  done: string;
  faults: Record<SimulationFault, string>;
};

const enUS: SimulationWords = {
  mark: 'Test mode: local chain, no real money',
  title: 'Simulate',
  lead: 'By real transactions on the local chain, sent from a test account.',
  actions: {
    exact: { name: 'Pay exactly', does: 'Sends the amount due.' },
    less: { name: 'Pay less', does: 'Sends a smaller amount, which settles nothing.' },
    more: { name: 'Pay more', does: 'Sends a larger amount, which settles nothing.' },
    late: { name: 'Pay late', does: 'Moves the deadline into the past, then sends the amount due.' },
    twice: { name: 'Pay twice', does: 'Sends the amount due two times; one of them counts.' },
    'wrong-token': { name: 'Pay in a wrong token', does: 'Sends another token of the same name.' },
    block: { name: 'Mine a block', does: 'Adds one empty block to the chain.' },
    reorg: { name: 'Undo the payment', does: 'Reorganises the chain, so that the payment is gone.' },
    expire: { name: 'Expire now', does: 'Moves the deadline into the past and sends nothing.' },
  },
  done: 'Done.',
  faults: {
    not_now: 'Not possible as things stand. Nothing was done.',
    busy: 'Another test is under way on this chain. Try again in a moment.',
    final: 'The payment is final and can no longer be undone.',
    failed: 'It failed. The output of `cryptoscan dev` says why.',
  },
};

const ruRU: SimulationWords = {
  mark: 'Тестовый режим: локальная сеть, деньги не настоящие',
  title: 'Смоделировать',
  lead: 'Настоящими транзакциями в локальной сети, с тестового счёта.',
  actions: {
    exact: { name: 'Заплатить точно', does: 'Отправляет нужную сумму.' },
    less: { name: 'Заплатить меньше', does: 'Отправляет меньшую сумму: она ничего не оплачивает.' },
    more: { name: 'Заплатить больше', does: 'Отправляет большую сумму: она ничего не оплачивает.' },
    late: { name: 'Заплатить поздно', does: 'Переносит срок в прошлое и отправляет нужную сумму.' },
    twice: { name: 'Заплатить дважды', does: 'Отправляет нужную сумму два раза; засчитывается одна.' },
    'wrong-token': { name: 'Заплатить не тем токеном', does: 'Отправляет другой токен с тем же именем.' },
    block: { name: 'Добыть блок', does: 'Добавляет в сеть один пустой блок.' },
    reorg: { name: 'Отменить платёж', does: 'Перестраивает сеть так, что платежа в ней больше нет.' },
    expire: { name: 'Завершить срок', does: 'Переносит срок в прошлое и ничего не отправляет.' },
  },
  done: 'Готово.',
  faults: {
    not_now: 'Сейчас это невозможно. Ничего не сделано.',
    busy: 'В этой сети уже идёт другая проверка. Попробуйте через мгновение.',
    final: 'Платёж окончательный, отменить его уже нельзя.',
    failed: 'Не получилось. Причина в выводе `cryptoscan dev`.',
  },
};

const deDE: SimulationWords = {
  mark: 'Testmodus: lokale Chain, kein echtes Geld',
  title: 'Simulieren',
  lead: 'Mit echten Transaktionen auf der lokalen Chain, von einem Testkonto.',
  actions: {
    exact: { name: 'Genau zahlen', does: 'Sendet den fälligen Betrag.' },
    less: { name: 'Weniger zahlen', does: 'Sendet einen kleineren Betrag, der nichts begleicht.' },
    more: { name: 'Mehr zahlen', does: 'Sendet einen größeren Betrag, der nichts begleicht.' },
    late: {
      name: 'Zu spät zahlen',
      does: 'Verlegt die Frist in die Vergangenheit und sendet dann den Betrag.',
    },
    twice: { name: 'Doppelt zahlen', does: 'Sendet den fälligen Betrag zweimal; einer davon zählt.' },
    'wrong-token': {
      name: 'Mit falschem Token zahlen',
      does: 'Sendet einen anderen Token mit demselben Namen.',
    },
    block: { name: 'Block erzeugen', does: 'Hängt einen leeren Block an die Chain.' },
    reorg: { name: 'Zahlung zurücknehmen', does: 'Reorganisiert die Chain, sodass die Zahlung weg ist.' },
    expire: { name: 'Jetzt ablaufen lassen', does: 'Verlegt die Frist in die Vergangenheit, sendet nichts.' },
  },
  done: 'Erledigt.',
  faults: {
    not_now: 'So, wie es steht, nicht möglich. Es wurde nichts getan.',
    busy: 'Auf dieser Chain läuft gerade ein anderer Test. Gleich noch einmal versuchen.',
    final: 'Die Zahlung ist endgültig und lässt sich nicht mehr zurücknehmen.',
    failed: 'Es ist fehlgeschlagen. Warum, sagt die Ausgabe von `cryptoscan dev`.',
  },
};

const esES: SimulationWords = {
  mark: 'Modo de prueba: cadena local, sin dinero real',
  title: 'Simular',
  lead: 'Con transacciones reales en la cadena local, desde una cuenta de prueba.',
  actions: {
    exact: { name: 'Pagar lo exacto', does: 'Envía el importe debido.' },
    less: { name: 'Pagar menos', does: 'Envía un importe menor, que no salda nada.' },
    more: { name: 'Pagar más', does: 'Envía un importe mayor, que no salda nada.' },
    late: { name: 'Pagar tarde', does: 'Mueve el plazo al pasado y luego envía el importe debido.' },
    twice: { name: 'Pagar dos veces', does: 'Envía dos veces el importe debido; cuenta uno.' },
    'wrong-token': {
      name: 'Pagar con otro token',
      does: 'Envía otro token con el mismo nombre.',
    },
    block: { name: 'Minar un bloque', does: 'Añade un bloque vacío a la cadena.' },
    reorg: { name: 'Deshacer el pago', does: 'Reorganiza la cadena, de modo que el pago desaparece.' },
    expire: { name: 'Caducar ahora', does: 'Mueve el plazo al pasado y no envía nada.' },
  },
  done: 'Hecho.',
  faults: {
    not_now: 'No es posible en este estado. No se ha hecho nada.',
    busy: 'Hay otra prueba en curso en esta cadena. Vuelva a intentarlo en un momento.',
    final: 'El pago es definitivo y ya no se puede deshacer.',
    failed: 'Ha fallado. La salida de `cryptoscan dev` dice por qué.',
  },
};

const frFR: SimulationWords = {
  mark: 'Mode test : chaîne locale, pas d’argent réel',
  title: 'Simuler',
  lead: 'Par de vraies transactions sur la chaîne locale, depuis un compte de test.',
  actions: {
    exact: { name: 'Payer exactement', does: 'Envoie le montant dû.' },
    less: { name: 'Payer moins', does: 'Envoie un montant plus petit, qui ne règle rien.' },
    more: { name: 'Payer plus', does: 'Envoie un montant plus grand, qui ne règle rien.' },
    late: { name: 'Payer en retard', does: 'Déplace l’échéance dans le passé, puis envoie le montant dû.' },
    twice: { name: 'Payer deux fois', does: 'Envoie deux fois le montant dû ; un seul envoi compte.' },
    'wrong-token': {
      name: 'Payer avec un faux jeton',
      does: 'Envoie un autre jeton qui porte le même nom.',
    },
    block: { name: 'Miner un bloc', does: 'Ajoute un bloc vide à la chaîne.' },
    reorg: { name: 'Annuler le paiement', does: 'Réorganise la chaîne : le paiement n’y est plus.' },
    expire: { name: 'Faire expirer', does: 'Déplace l’échéance dans le passé et n’envoie rien.' },
  },
  done: 'Fait.',
  faults: {
    not_now: 'Impossible dans cet état. Rien n’a été fait.',
    busy: 'Un autre test est en cours sur cette chaîne. Réessayez dans un instant.',
    final: 'Le paiement est définitif et ne peut plus être annulé.',
    failed: 'Échec. La sortie de `cryptoscan dev` dit pourquoi.',
  },
};

export const simulationWords: Record<Language, SimulationWords> = {
  'en-US': enUS,
  'ru-RU': ruRU,
  'de-DE': deDE,
  'es-ES': esES,
  'fr-FR': frFR,
};
