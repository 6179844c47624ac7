/** What a merchant accepts beside exact payments in time. */
import { words } from './words.ts';

export const policies = words(
  {
    events: 'Further events',
    eventsHint: 'Beyond the documented ones; the original client stops at events it does not know.',
    policies: 'Payments that do not fit',
    late: 'Late payments',
    late_review: 'Somebody looks at them',
    late_accept: 'Accept',
    late_reject: 'Reject',
    drift: 'Accept late ones while the rate has moved by at most (%)',
    under: 'Accept up to so much less (%)',
    over: 'Accept up to so much more (%)',
    remainder: 'Ask for the rest when less than the amount has come',
    remainderHint:
      'From a tenth of the amount on. Together they pay the invoice; what a tolerance covers is taken as it is.',
  },
  {
    'ru-RU': {
      events: 'Дополнительные события',
      eventsHint: 'Сверх описанных; исходный клиент останавливается на незнакомых событиях.',
      policies: 'Неточные платежи',
      late: 'Опоздавшие платежи',
      late_review: 'Рассматривает человек',
      late_accept: 'Принимать',
      late_reject: 'Отклонять',
      drift: 'Принимать, если курс изменился не более чем на (%)',
      under: 'Принимать меньше на (%)',
      over: 'Принимать больше на (%)',
      remainder: 'Просить доплату, если пришло меньше',
      remainderHint:
        'Начиная с десятой части суммы. Вместе они оплачивают счёт; недоплата в пределах допуска принимается как есть.',
    },
    'de-DE': {
      events: 'Weitere Ereignisse',
      eventsHint: 'Über die dokumentierten hinaus; der ursprüngliche Client bricht bei unbekannten ab.',
      policies: 'Zahlungen, die nicht passen',
      late: 'Verspätete Zahlungen',
      late_review: 'Jemand sieht sie an',
      late_accept: 'Annehmen',
      late_reject: 'Ablehnen',
      drift: 'Verspätete annehmen bei Kursänderung bis (%)',
      under: 'Bis so viel weniger annehmen (%)',
      over: 'Bis so viel mehr annehmen (%)',
      remainder: 'Um den Rest bitten, wenn zu wenig kam',
      remainderHint:
        'Ab einem Zehntel des Betrags. Zusammen bezahlen sie die Rechnung; was eine Toleranz abdeckt, wird so angenommen.',
    },
    'es-ES': {
      events: 'Más eventos',
      eventsHint: 'Además de los documentados; el cliente original falla con los que no conoce.',
      policies: 'Pagos que no encajan',
      late: 'Pagos tardíos',
      late_review: 'Los revisa una persona',
      late_accept: 'Aceptar',
      late_reject: 'Rechazar',
      drift: 'Aceptar los tardíos si el cambio varió hasta (%)',
      under: 'Aceptar hasta tanto de menos (%)',
      over: 'Aceptar hasta tanto de más (%)',
      remainder: 'Pedir el resto cuando llega menos del importe',
      remainderHint:
        'A partir de una décima parte del importe. Juntos pagan la factura; lo que cubre una tolerancia se acepta tal cual.',
    },
    'fr-FR': {
      events: 'Autres événements',
      eventsHint: "En plus de ceux documentés ; le client d'origine s'arrête sur les inconnus.",
      policies: 'Paiements qui ne correspondent pas',
      late: 'Paiements en retard',
      late_review: "Quelqu'un les examine",
      late_accept: 'Accepter',
      late_reject: 'Refuser',
      drift: "Accepter les retards si le cours a bougé d'au plus (%)",
      under: "Accepter jusqu'à tant en moins (%)",
      over: "Accepter jusqu'à tant en plus (%)",
      remainder: 'Demander le reste quand il arrive moins que le montant',
      remainderHint:
        'À partir d’un dixième du montant. Ensemble ils paient la facture ; ce qu’une tolérance couvre est accepté tel quel.',
    },
  },
);
