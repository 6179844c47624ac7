<?php
/*
 * Signs request bodies exactly as the API document says ("Signature generation"), for the differential test: one line in,
 * one line out, for as long as there are lines.
 *
 * In:  `j` (JSON) or `f` (form) and the body in base64.
 * Out: `E` for a body that PHP cannot read, `S` for one that is no array, else `Q`, the signature, a space, what a form
 *      holds that could be read two ways, a space, and the text under the signature.
 */
error_reporting(0);
[, $publicKey, $privateKey] = $argv;

/** `n`: a nested field, `k`: a bracket or a dot in a name, `a`: a field api_key, `d`: a field given twice, `-`: nothing. */
function doubts(string $form, array $body): string
{
    $found = isset($body['api_key']) ? 'a' : '';
    foreach ($body as $name => $value) {
        $found .= (is_array($value) ? 'n' : '') . (strpbrk((string) $name, '[].') === false ? '' : 'k');
    }
    $given = 0;
    foreach (explode('&', $form) as $field) {
        parse_str($field, $one);
        $given += count($one);
    }
    return $found . ($given > count($body) ? 'd' : '') ?: '-';
}

while (($line = fgets(STDIN)) !== false) {
    $raw = base64_decode(substr($line, 1));
    $doubts = '-';
    if ($line[0] === 'f') {
        // The API takes UTF-8 only; PHP's own form reader would take any bytes.
        if (!preg_match('//u', urldecode($raw)) || strpos($raw, "\0") !== false) {
            echo "E\n";
            continue;
        }
        parse_str($raw, $requestBody);
        $doubts = doubts($raw, $requestBody);
    } else {
        $requestBody = json_decode($raw, true);
        if (json_last_error() !== JSON_ERROR_NONE) {
            echo "E\n";
            continue;
        }
        if (!is_array($requestBody)) {
            echo "S\n";
            continue;
        }
    }
    $requestBody['api_key'] = $publicKey;
    ksort($requestBody);
    $query = http_build_query($requestBody);
    echo 'Q', hash_hmac('sha256', $query, $privateKey), " $doubts $query\n";
}
