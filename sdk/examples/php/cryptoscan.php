<?php
/**
 * Creates invoices and verifies webhooks in plain PHP 7.4 or newer, without a framework or an extension. Copy this file.
 * $config: url (where the gateway runs), public_key, private_key, webhook_secret (whsec_...).
 */
declare(strict_types=1);

/** The documented signature: HMAC-SHA256 over the fields and the public key, sorted and URL-encoded. */
function cryptoscan_signature(array $fields, array $config): string
{
    $fields['api_key'] = $config['public_key'];
    ksort($fields);
    // The separator is named because php.ini may set another.
    return hash_hmac('sha256', http_build_query($fields, '', '&'), $config['private_key']);
}

/**
 * POST invoice. Give every field as a string: a float could be signed otherwise than it is sent.
 * Returns id, final_amount, cryptocurrency, network, wallet and expire_at, all strings.
 *
 * Where no answer comes it asks once more under the same Idempotency-Key, and so gets the answer that was lost, not a second
 * invoice. Each call has a key of its own: an answer is kept under its key for 24 hours, a refusal too, though what was in the
 * way may be gone a minute later.
 */
function cryptoscan_create_invoice(array $fields, array $config): array
{
    $context = stream_context_create(['http' => [
        'method' => 'POST',
        'header' => [
            'Content-Type: application/json',
            'Accept: application/json',
            'public-key: ' . $config['public_key'],
            'signature: ' . cryptoscan_signature($fields, $config),
            'Idempotency-Key: ' . bin2hex(random_bytes(16)),
        ],
        'content' => json_encode($fields),
        'timeout' => 30,
        'follow_location' => 0,
        'ignore_errors' => true,
    ]]);
    $url = $config['url'] . '/api/v1/invoice';
    $answer = @file_get_contents($url, false, $context);
    if ($answer === false) {
        $answer = @file_get_contents($url, false, $context);
    }
    if ($answer === false) {
        throw new RuntimeException('No answer from the gateway.');
    }
    $decoded = json_decode($answer, true);
    if (!is_array($decoded) || ($decoded['success'] ?? false) !== true) {
        throw new RuntimeException('The gateway refused: ' . $answer);
    }
    return $decoded['data'];
}

/**
 * The event of a webhook, given the body as it came (php://input, before any json_decode) and $_SERVER. Throws an
 * UnexpectedValueException that says why when it is not a webhook of the gateway for this merchant.
 */
function cryptoscan_verify_webhook(string $body, array $server, array $config): array
{
    $header = static function (string $name) use ($server): string {
        $value = $server['HTTP_' . strtoupper(strtr($name, '-', '_'))] ?? '';
        if ($value === '') {
            throw new UnexpectedValueException("The header $name is missing.");
        }
        return $value;
    };
    if ($header('public-key') !== $config['public_key']) {
        throw new UnexpectedValueException('The webhook is for another merchant.');
    }

    // Standard Webhooks: over the bytes, and dated.
    $time = $header('webhook-timestamp');
    $key = base64_decode(substr($config['webhook_secret'], strlen('whsec_')), true);
    if ($key === false || $key === '' || strpos($config['webhook_secret'], 'whsec_') !== 0) {
        throw new UnexpectedValueException('webhook_secret is not whsec_ followed by base64.');
    }
    $signed = $header('webhook-id') . '.' . $time . '.' . $body;
    $expected = 'v1,' . base64_encode(hash_hmac('sha256', $signed, $key, true));
    $matches = static fn (string $given): bool => hash_equals($expected, $given);
    if (array_filter(explode(' ', $header('webhook-signature')), $matches) === []) {
        throw new UnexpectedValueException('The webhook-signature was not made from these bytes with webhook_secret.');
    }
    if (!ctype_digit($time) || abs(time() - (int) $time) > 300) {
        throw new UnexpectedValueException('The webhook is too old, or the clock of this machine is wrong.');
    }

    // The documented signature: over the fields.
    $event = json_decode($body, true);
    if (!is_array($event) || !is_array($event['data'] ?? null) || !is_string($event['event_type'] ?? null)) {
        throw new UnexpectedValueException('The body is not the JSON of a webhook.');
    }
    if (!hash_equals(cryptoscan_signature($event, $config), $header('signature'))) {
        throw new UnexpectedValueException('The signature was not made from this body with private_key.');
    }
    return $event;
}
