<?php
/** A shop in plain PHP. Run: php -S 127.0.0.1:3000 examples/php/index.php */
declare(strict_types=1);

require __DIR__ . '/cryptoscan.php';

$config = [
    'url' => getenv('CRYPTOSCAN_URL'),
    'public_key' => getenv('CRYPTOSCAN_PUBLIC_KEY'),
    'private_key' => getenv('CRYPTOSCAN_PRIVATE_KEY'),
    'webhook_secret' => getenv('CRYPTOSCAN_WEBHOOK_SECRET'),
];
if (in_array(false, $config, true)) {
    answer(500, 'Set CRYPTOSCAN_URL, _PUBLIC_KEY, _PRIVATE_KEY and _WEBHOOK_SECRET in the environment.');
    return;
}

$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
switch ($_SERVER['REQUEST_METHOD'] . ' ' . $path) {
    case 'POST /orders':
        // The price is the shop's to say, never the buyer's. The order is stored first: its webhook may come at any time.
        $reference = 'order-' . bin2hex(random_bytes(16));
        change_order($reference, static fn (): array => ['status' => 'open', 'parcels' => 0]);
        $invoice = cryptoscan_create_invoice(['amount' => '15.00', 'client_reference_id' => $reference], $config);
        answer(201, [
            'reference' => $reference,
            'pay' => $invoice['final_amount'],
            'coin' => $invoice['cryptocurrency'],
            'network' => $invoice['network'],
            'wallet' => $invoice['wallet'],
            'until' => $invoice['expire_at'],
        ]);
        return;

    case 'GET /orders':
        $order = change_order((string) ($_GET['reference'] ?? ''), 'keep');
        answer($order === null ? 404 : 200, $order ?? 'No such order.');
        return;

    case 'POST /webhook':
        try {
            // The bytes as they came: a body that was parsed and written again does not verify.
            $event = cryptoscan_verify_webhook((string) file_get_contents('php://input'), $_SERVER, $config);
        } catch (UnexpectedValueException $refusal) {
            // The gateway keeps the answer and shows it with the invoice, so the reason is found there.
            answer(400, $refusal->getMessage());
            return;
        }
        $order = change_order($event['data']['client_reference_id'], static function (?array $order) use ($event) {
            return $order === null ? null : after_event($order, $event['event_type']);
        });
        answer($order === null ? 404 : 200, $order === null ? 'No such order.' : 'Recorded.');
        return;

    default:
        answer(404, 'Not found.');
}

/**
 * The same event may come several times, and `paid` may come after `expired`, so what follows from a payment hangs on
 * the change of the order, not on the event.
 */
function after_event(array $order, string $type): array
{
    if ($type === 'paid' || $type === 'paid_manually') {
        $parcels = $order['status'] === 'paid' ? $order['parcels'] : $order['parcels'] + 1;
        return ['status' => 'paid', 'parcels' => $parcels];
    }
    $ends = ($type === 'expired' || $type === 'cancelled') && $order['status'] === 'open';
    return $ends ? ['status' => 'closed', 'parcels' => $order['parcels']] : $order;
}

function keep(?array $order): ?array
{
    return $order;
}

/**
 * Stands for the shop's own database: one file an order, changed under a lock. $change gets the order, or null when
 * there is none, and gives what is to be kept; so does this function.
 */
function change_order(string $reference, callable $change): ?array
{
    if (!preg_match('/^order-[0-9a-f]{32}$/D', $reference)) {
        return null;
    }
    $folder = (getenv('SHOP_DATA') ?: sys_get_temp_dir()) . '/cryptoscan-example';
    if (!is_dir($folder) && !@mkdir($folder, 0700, true) && !is_dir($folder)) {
        throw new RuntimeException('The folder of the orders cannot be made.');
    }
    $lock = fopen("$folder/lock", 'c');
    flock($lock, LOCK_EX);
    $file = "$folder/$reference.json";
    $order = $change(is_file($file) ? json_decode(file_get_contents($file), true) : null);
    if ($order !== null) {
        file_put_contents($file, json_encode($order));
    }
    fclose($lock);
    return $order;
}

/** @param array|string $body */
function answer(int $status, $body): void
{
    http_response_code($status);
    header('Content-Type: ' . (is_array($body) ? 'application/json' : 'text/plain; charset=utf-8'));
    echo is_array($body) ? json_encode($body) : $body;
}
