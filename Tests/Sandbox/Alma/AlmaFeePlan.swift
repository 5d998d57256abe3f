/// One product of a merchant's contract: how many instalments, from when, within which bounds and at what price.
struct AlmaFeePlan: Sendable, Equatable {
    var instalments: Int64
    var deferredDays: Int64 = 0
    var deferredMonths: Int64 = 0
    var isAllowed = true
    var purchaseMin: Int64 = 50_00
    var purchaseMax: Int64 = 2_000_00
    /// Basis points of the purchase, without VAT.
    var merchantFeeVariable: Int64
    var merchantFeeFixed: Int64 = 0
    /// Basis points of the purchase, on top of it.
    var customerFeeVariable: Int64 = 0
    var triggerLimitDays: Int64?

    /// The contract most merchants have, with fees as published manuals show them.
    static let usual: [AlmaFeePlan] = [
        AlmaFeePlan(instalments: 2, merchantFeeVariable: 280),
        AlmaFeePlan(instalments: 3, merchantFeeVariable: 360),
        AlmaFeePlan(instalments: 4, merchantFeeVariable: 430),
        AlmaFeePlan(instalments: 1, deferredDays: 15, merchantFeeVariable: 105),
        AlmaFeePlan(instalments: 1, deferredDays: 30, merchantFeeVariable: 210),
        AlmaFeePlan(instalments: 1, deferredDays: 45, merchantFeeVariable: 300),
    ]

    var isDeferred: Bool { deferredDays > 0 || deferredMonths > 0 }

    /// "P3X" or "P1X_D+30".
    var kind: String {
        if deferredDays > 0 { return "P\(instalments)X_D+\(deferredDays)" }
        if deferredMonths > 0 { return "P\(instalments)X_M+\(deferredMonths)" }
        return "P\(instalments)X"
    }

    func admits(_ amount: Int64) -> Bool { amount >= purchaseMin && amount <= purchaseMax }

    func json(merchantID: String) -> JSON {
        [
            "kind": "general", "installments_count": .integer(instalments), "deferred_days": .integer(deferredDays),
            "deferred_months": .integer(deferredMonths),
            "deferred_trigger_limit_days": .optional(triggerLimitDays), "deferred_trigger_bypass_scoring": false,
            "first_installment_ratio": .null, "allowed": .bool(isAllowed), "available_online": true,
            "available_in_pos": true, "min_purchase_amount": .integer(purchaseMin),
            "max_purchase_amount": .integer(purchaseMax), "merchant_fee_variable": .integer(merchantFeeVariable),
            "merchant_fee_fixed": .integer(merchantFeeFixed), "customer_fee_variable": .integer(customerFeeVariable),
            "customer_fee_fixed": 0, "customer_lending_rate": 0, "merchant": .text(merchantID),
        ]
    }
}

extension AlmaFeePlan {
    /// Reads the provider's own field names, so that a real answer of /v1/me/fee-plans can be planted as it is.
    init(_ json: JSON) throws {
        guard let count = json["installments_count"]?.asInteger, (1...12).contains(count) else {
            throw Refusal.control("a fee plan needs 'installments_count' from 1 to 12")
        }
        instalments = count
        deferredDays = json["deferred_days"]?.asInteger ?? 0
        deferredMonths = json["deferred_months"]?.asInteger ?? 0
        isAllowed = json["allowed"]?.asBool ?? true
        purchaseMin = json["min_purchase_amount"]?.asInteger ?? 50_00
        purchaseMax = json["max_purchase_amount"]?.asInteger ?? 2_000_00
        merchantFeeVariable = json["merchant_fee_variable"]?.asInteger ?? 0
        merchantFeeFixed = json["merchant_fee_fixed"]?.asInteger ?? 0
        customerFeeVariable = json["customer_fee_variable"]?.asInteger ?? 0
        triggerLimitDays = json["deferred_trigger_limit_days"]?.asInteger
    }
}
