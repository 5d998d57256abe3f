/// A merchant at the provider: one per clinic, or several clinics behind one.
struct AlmaAccount: Sendable {
    let merchantID: String
    var name: String
    var apiKey: String
    /// Where its payouts go; without one nothing is paid out.
    var iban: String?
    var plans: [AlmaFeePlan]
    var canCreatePayments: Bool
    /// The provider grants sending of links by SMS and e-mail account by account.
    var mayMessageCustomers: Bool

    func plan(instalments: Int64, days: Int64, months: Int64) -> AlmaFeePlan? {
        plans.first {
            $0.instalments == instalments && $0.deferredDays == days && $0.deferredMonths == months && $0.isAllowed
        }
    }

    var json: JSON {
        let bounds = plans.filter(\.isAllowed)
        return [
            "id": .text(merchantID), "name": .text(name), "website": "https://clinic.example", "state": "active",
            "country": "FR", "can_create_payments": .bool(canCreatePayments), "manually_reviewed": true,
            "minimum_purchase_amount": .integer(bounds.map(\.purchaseMin).min() ?? 0),
            "maximum_purchase_amount": .integer(bounds.map(\.purchaseMax).max() ?? 0),
            "fee_plans": .list(plans.map { $0.json(merchantID: merchantID) }),
        ]
    }
}

extension AlmaAccount {
    init(_ json: JSON, random: inout Randomness) throws {
        guard let key = json["apiKey"]?.asText, !key.isEmpty else {
            throw Refusal.control("'apiKey' is missing: use sk_test_ followed by words")
        }
        apiKey = key
        merchantID = json.given("merchantID")?.asText ?? random.identifier("merchant_")
        name = json.given("name")?.asText ?? merchantID
        iban = json.given("iban")?.asText
        plans = try json.given("feePlans")?.asList?.map(AlmaFeePlan.init) ?? AlmaFeePlan.usual
        canCreatePayments = json["canCreatePayments"]?.asBool ?? true
        mayMessageCustomers = json["mayMessageCustomers"]?.asBool ?? false
    }

    var controlJSON: JSON {
        [
            "merchantID": .text(merchantID), "name": .text(name), "apiKey": .text(apiKey), "iban": .optional(iban),
            "feePlans": .list(plans.map { $0.json(merchantID: merchantID) }),
        ]
    }
}
