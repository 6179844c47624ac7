<?php
/*
 * A shop's webhook handler, written from nothing but the API document, for PHP's built-in server: it verifies the message,
 * answers 200 with what it understood, and 403 to everything else. SHOP_KEYS is a JSON of public keys and private keys.
 */
declare(strict_types=1);

$keys = json_decode(getenv('SHOP_KEYS'), true);
$headers = array_change_key_case(getallheaders());
$publicKey = $headers['public-key'] ?? '';
$privateKey = $keys[$publicKey] ?? null;
$message = json_decode(file_get_contents('php://input'), true);

function verifies(array $requestBody, array $headers, string $publicKey, string $privateKey): bool
{
    if (!isset($headers['signature'])) {
        return hash_equals($privateKey, $headers['private-key'] ?? '');
    }
    $requestBody['api_key'] = $publicKey;
    ksort($requestBody);
    $signature = hash_hmac('sha256', http_build_query($requestBody), $privateKey);
    return hash_equals($signature, $headers['signature']);
}

if ($privateKey === null || !is_array($message) || !verifies($message, $headers, $publicKey, $privateKey)) {
    http_response_code(403);
    echo 'not verified';
    exit;
}
echo json_encode([
    'by' => isset($headers['signature']) ? 'signature' : 'private-key',
    'event_type' => $message['event_type'],
    'retry_count' => get_debug_type($message['retry_count']),
    'id' => $message['data']['id'],
    'types' => array_map('get_debug_type', $message['data']),
]);
