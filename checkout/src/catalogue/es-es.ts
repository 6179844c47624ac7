/** Spanish. */
import { html } from '../html.ts';
import { type Catalogue, plural } from './catalogue.ts';

const form = plural('es-ES');

export const esES: Catalogue = {
  name: 'Español',
  languages: 'Idioma',
  notices: {
    no_amount: 'Esta moneda no está disponible ahora. Elija otra o inténtelo dentro de unos minutos.',
    network_behind: 'Ahora no podemos leer esta red con fiabilidad. Elija otra o inténtelo más tarde.',
    unavailable: 'No ha funcionado. No se ha cambiado nada. Inténtelo de nuevo en un momento.',
    payment_seen: 'Ya se ha detectado un pago. No se ha cambiado nada.',
    changes_used:
      'No se puede cambiar a otra moneda o red más. Pague como se indica o vuelva a una que ya había elegido.',
    ended: 'Este pago ya ha terminado. No se ha cambiado nada.',
  },
  choose: {
    title: '¿Cómo quiere pagar?',
    lead: 'Elija la moneda y la red desde la que envía su monedero o su exchange.',
    legend: 'Moneda y red',
    next: 'Continuar',
    noneTitle: 'Ahora no se puede pagar',
    none: 'Ahora no hay ninguna moneda disponible. No tiene que pagar nada; inténtelo dentro de unos minutos.',
  },
  awaiting: {
    title: 'Esperamos su pago',
    until: time => html`Pague antes de las ${time}`,
    send: 'Envíe exactamente',
    network: 'Por la red',
    address: 'A la dirección',
    tail: digits => html`No cambie las últimas cifras, ${digits}: distinguen su pago de los demás.`,
    whole: 'Este importe debe llegar entero, en un solo envío.',
    fee: 'Si envía desde un exchange, añada su comisión.',
    only: (asset, network) => html`Solo ${asset} y solo por ${network}.`,
    otherwise: 'Lo que se envíe por otra red puede perderse.',
    compare: 'Tras pegarla, compare los primeros y los últimos caracteres.',
    qr: 'Código QR de la dirección',
    qrHolds: 'El código solo contiene la dirección. Escriba usted el importe.',
    qrLink: 'Código QR del pago',
    qrLinkHolds:
      'El código contiene la dirección, el importe y la red. Antes de enviar, compruebe que su monedero muestra exactamente esta dirección y este importe.',
    updates: 'Esta página cambia sola en cuanto detectemos su pago.',
  },
  paused: {
    title: 'No envíe nada ahora',
    behind: network => html`Ahora no podemos leer ${network} y no veríamos su pago.`,
    sent: 'Si ya lo ha enviado, lo encontraremos en cuanto se pueda leer otra vez la red. No lo envíe por segunda vez.',
    wait: 'Esta página cambia sola en cuanto se pueda pagar de nuevo.',
    retired: network => html`Ya no se aceptan pagos por ${network}.`,
    lookUp: shop =>
      html`Si ya lo ha enviado, no lo envíe por segunda vez: guarde el identificador de la transacción y contacte con ${shop}. Quizá la tienda tenga que buscar el pago.`,
    change: 'Cambie solo si todavía no ha enviado nada.',
  },
  change: {
    ask: 'Pagar con otra moneda o red',
    kept: 'Si ya ha enviado algo, sigue contando: no pague por segunda vez.',
    really: 'Cambiar',
  },
  underpaid: {
    title: 'Todavía falta el resto',
    received: sum => html`Hemos recibido ${sum}.`,
    again: 'No envíe otra vez el importe completo.',
    send: 'Envíe el resto exacto',
  },
  review: {
    title: 'Solo ha llegado una parte',
    received: sum => html`Hemos recibido ${sum}, menos de lo que había que pagar.`,
    stop: 'No envíe nada ahora.',
    safe: shop => html`No se ha perdido nada: está en el monedero de ${shop}, que ahora tiene que revisarlo.`,
  },
  confirming: {
    title: 'Pago detectado',
    lead: 'La red lo está confirmando. No tiene que hacer nada más y puede cerrar esta página.',
    again: 'No lo envíe otra vez.',
    count: (done, needed) => `${done} de ${form(needed, { one: 'confirmación', other: 'confirmaciones' })}`,
    wait: 'Esperando a la red',
  },
  paid: {
    title: 'Pagado',
    lead: shop => html`Su pago a ${shop} se ha completado. Gracias.`,
    returning: 'En unos segundos volverá a la tienda.',
    over: 'Ha llegado más de lo que se debía.',
    again: 'Ha llegado un segundo pago de este pedido.',
    ask: shop =>
      html`Para recuperar el resto, contacte con ${shop} e indique el identificador de la transacción.`,
  },
  checking: {
    title: 'Comprobamos si llegó su pago',
    lead: 'El tiempo para pagar ha terminado. No envíe nada ahora.',
    sent: 'Si lo envió a tiempo, todo va bien: aún estamos leyendo la red y lo encontraremos.',
    wait: 'Suele tardar unos minutos.',
  },
  expired: {
    title: 'El tiempo para pagar ha terminado',
    stop: 'No hemos visto ningún pago. No pague más a esta dirección.',
    restart: shop => html`Para pagar, empiece de nuevo en ${shop}.`,
    sent: shop =>
      html`¿Ya lo ha enviado? Su pago consta en la red. Guarde el identificador de la transacción y contacte con ${shop}.`,
    unread:
      'No hemos podido leer la red hasta el final de ese tiempo: puede haber llegado un pago sin que lo viéramos. No pague más a esta dirección.',
    unreadSent: shop =>
      html`Si ya ha enviado algo, no pague por segunda vez: guarde el identificador de la transacción y contacte con ${shop} para que busque el pago.`,
    unreadRestart: shop => html`Empiece de nuevo en ${shop} solo si no ha enviado nada.`,
  },
  late: {
    title: 'Su pago llegó demasiado tarde',
    seen: 'Hemos visto su pago, pero llegó cuando el tiempo ya había terminado.',
    safe: shop => html`No se ha perdido nada: está en el monedero de ${shop}, que ahora debe revisarlo.`,
    rejected: shop =>
      html`${shop} no acepta pagos tardíos. Su dinero está en el monedero de la tienda: contacte con ella para recuperarlo.`,
    keep: 'Guarde este identificador de la transacción e indíquelo al contactar con la tienda.',
  },
  returned: {
    title: 'Su pago ha sido devuelto',
    late: shop => html`Su pago llegó demasiado tarde. ${shop} indica que le ha devuelto el dinero.`,
    surplus: shop => html`${shop} indica que le ha devuelto lo que sobraba.`,
    missing: shop =>
      html`Si el dinero no le llega, contacte con ${shop} e indique el identificador de la transacción.`,
    transaction: 'Identificador de la transacción de devolución',
  },
  cancelled: {
    title: 'Pago cancelado',
    lead: 'No pague más a esta dirección.',
    sent: shop => html`¿Ya lo ha enviado? Guarde el identificador de la transacción y contacte con ${shop}.`,
  },
  cancel: {
    ask: 'Cancelar este pago',
    warn: 'Cancele solo si todavía no ha enviado nada.',
    really: 'Sí, cancelar',
  },
  transaction: 'Identificador de la transacción',
  backTo: shop => html`Volver a ${shop}`,
  copy: {
    amount: 'Copiar el importe',
    address: 'Copiar la dirección',
    transaction: 'Copiar el identificador de la transacción',
    done: 'Copiado',
    byHand: 'Seleccionado: cópielo a mano',
  },
  timer: time => html`quedan ${time}`,
  minutesLeft: n =>
    `${n === 1 ? 'Queda' : 'Quedan'} ${form(n, { one: 'minuto', other: 'minutos' })} para pagar.`,
  reloads: 'Esta página se recarga cada 20 segundos.',
  offline: 'Sin conexión. Lo intentamos de nuevo automáticamente; su pago no se ve afectado.',
  notFound: {
    title: 'Este pago no existe',
    lead: 'Compruebe el enlace o vuelva a la tienda y empiece de nuevo. No envíe nada.',
  },
  link: {
    title: shop => html`Pago a ${shop}`,
    lead: 'En el siguiente paso verá el importe exacto y la dirección. Antes no debe nada.',
    pay: 'Pagar con criptomonedas',
    busy: 'Con este enlace se han empezado demasiados pagos sin terminar. Inténtelo más tarde.',
    unavailable: 'Ahora no se puede pagar. No se ha cambiado nada. Inténtelo dentro de unos minutos.',
    paidTitle: 'Esto ya está pagado',
    paid: shop =>
      html`Con este enlace no hay nada más que pagar: no envíe nada. Si no ha pagado usted, pregunte a ${shop}.`,
    underwayTitle: 'Ya hay un pago en curso',
    underway:
      'Alguien ha empezado a pagar con este enlace. Si ha sido usted, siga en el mismo navegador; si ya ha enviado el dinero, no pague por segunda vez. Si ese pago termina sin pagarse, podrá pagar aquí.',
    earlier: 'Ver el pago que empezó aquí',
  },
};
