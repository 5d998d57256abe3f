extension AlmaPayment {
    /// The Payment object, with the real one's fields.
    func json(url: String, merchantName: String) -> JSON {
        .object(identity(url: url, merchantName: merchantName) + progress + money + context)
    }

    private func identity(url: String, merchantName: String) -> [JSON.Member] {
        members([
            "id": .text(id), "merchant_id": .text(merchantID), "merchant_name": .text(merchantName),
            "created": .integer(created), "updated": .integer(updated), "url": .text(url),
            "return_url": .optional(details.returnURL), "customer_cancel_url": .optional(details.customerCancelURL),
            "failure_return_url": .optional(details.failureReturnURL),
            "ipn_callback_url": .optional(details.ipnCallbackURL), "purchase_amount": .integer(amount),
            "installments_count": .integer(plan.instalments), "deferred_days": .integer(plan.deferredDays),
            "deferred_months": .integer(plan.deferredMonths), "kind": .text(plan.kind),
        ])
    }

    private var progress: [JSON.Member] {
        members([
            "state": .text(state.rawValue), "processing_status": .text(processing.rawValue),
            "cancelation_reason": .optional(cancelation?.rawValue), "expired_at": .optional(expiredAt),
            "payment_plan": .list(schedule.map(\.json)), "capture_method": .text(details.captureMethod),
            "is_deferred_capture": false, "authorization_expires_at": .null,
            "deferred_trigger": .bool(details.triggerDescription != nil),
            "deferred_trigger_description": .optional(details.triggerDescription), "deferred_trigger_applied": .null,
        ])
    }

    private var money: [JSON.Member] {
        members([
            "customer_fee": .integer(terms.customerFee), "customer_interest": 0, "customer_fees_refunded": 0,
            "annual_interest_rate": .null, "merchant_target_fee": .integer(terms.merchantFee),
            "fees": [
                "merchant": [
                    "total": .integer(terms.merchantFee),
                    "total_excluding_tax": .integer(terms.merchantFeeExcludingTax),
                    "tax": .integer(terms.merchantFeeTax),
                ]
            ],
            "refunds": .list(refunds.map(\.json)), "amount_already_refunded": .integer(refunded),
            "is_completely_refunded": .bool(refunded == amount),
        ])
    }

    private var context: [JSON.Member] {
        members([
            "orders": .list(details.orders), "customer": details.customer,
            "billing_address": details.billingAddress, "shipping_address": details.shippingAddress,
            "cart": details.cart, "custom_data": details.customData, "origin": .text(details.origin),
            "integration_origin": .null, "seller": .null, "locale": .text(details.locale),
            "transaction_country": "FR", "country_of_service": "FR",
        ])
    }

    private func members(_ json: JSON) -> [JSON.Member] {
        guard case .object(let members) = json else { return [] }
        return members
    }
}
