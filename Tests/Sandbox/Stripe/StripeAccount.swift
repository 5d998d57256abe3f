/// A merchant at Stripe.
struct StripeAccount: Sendable {
    let id: String
    var apiKey: String
    var name: String
    /// Where its payouts go; without one nothing is paid out.
    var iban: String?
    /// Where its events go; without one there are none.
    var webhookURL: String?
    var webhookSecret: String
    /// What Stripe keeps: a share in basis points and an amount on top.
    var feeBasisPoints: Int64
    var feeFixed: Int64

    init(_ json: JSON, random: inout Randomness) throws {
        guard let key = json["apiKey"]?.asText, key.hasPrefix("sk_test_") || key.hasPrefix("rk_test_") else {
            throw Refusal.control("'apiKey' is missing: use sk_test_ followed by words")
        }
        apiKey = key
        id = json.given("accountID")?.asText ?? random.identifier("acct_")
        name = json.given("name")?.asText ?? id
        iban = json.given("iban")?.asText
        webhookURL = json.given("webhookURL")?.asText
        webhookSecret = json.given("webhookSecret")?.asText ?? "whsec_of_\(id)"
        feeBasisPoints = json["feeBasisPoints"]?.asInteger ?? 150
        feeFixed = json["feeFixed"]?.asInteger ?? 25
    }

    func fee(on amount: Int64) -> Int64 { Cents.share(of: amount, basisPoints: feeBasisPoints) + feeFixed }

    var json: JSON {
        [
            "id": .text(id), "object": "account", "business_type": "company", "charges_enabled": true,
            "payouts_enabled": .bool(iban != nil), "country": "FR", "default_currency": "eur",
            "details_submitted": true, "email": .null, "type": "standard",
            "settings": ["dashboard": ["display_name": .text(name), "timezone": "Europe/Paris"]], "metadata": [:],
        ]
    }

    var controlJSON: JSON {
        [
            "accountID": .text(id), "name": .text(name), "apiKey": .text(apiKey), "iban": .optional(iban),
            "webhookURL": .optional(webhookURL), "webhookSecret": .text(webhookSecret),
        ]
    }
}
