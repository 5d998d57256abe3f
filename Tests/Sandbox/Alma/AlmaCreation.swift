/// A request to create a payment, read and checked against the merchant's contract.
struct AlmaCreation {
    static let locales: Set<String> = ["fr", "en", "it", "es", "de", "nl", "nl_BE", "pt"]
    static let origins: Set<String> = ["online", "online_in_page"]
    static let expiryMinutesUsual: Int64 = 2_880

    let amount: Int64
    let plan: AlmaFeePlan
    let coversAllFees: Bool
    let expiresAfterMinutes: Int64
    let details: AlmaDetails

    init(_ body: JSON, for account: AlmaAccount) throws {
        var check = AlmaValidation()
        guard let payment = body.given("payment") else {
            throw AlmaError.validation(
                field: "payment", code: "missing_field", message: "Ce champ est obligatoire")
        }
        guard payment.isObject else {
            throw AlmaError.validation(field: "payment", code: "invalid_type", message: "Un objet est attendu")
        }
        let amount = check.integer(
            payment, "purchase_amount", at: "payment.", required: true, in: 1...Int64(Int32.max))
        let plan = Self.plan(payment, account, amount, &check)
        let covers = check.flag(payment, "merchant_covers_all_fees", at: "payment.") ?? false
        let minutes = check.integer(payment, "expires_after", at: "payment.", in: 1...525_600)
        details = Self.details(payment, body, plan, &check)
        if !account.canCreatePayments {
            check.report("merchant", "merchant_cant_create_payments", "Le compte marchand n'est pas activé")
        }
        try check.finish()
        guard let amount, let plan else { throw AlmaError.validation([]) }
        self.amount = amount
        self.plan = plan
        coversAllFees = covers
        expiresAfterMinutes = minutes ?? Self.expiryMinutesUsual
    }

    /// The plan asked for, if the contract has it and the amount is within its bounds.
    private static func plan(
        _ payment: JSON, _ account: AlmaAccount, _ amount: Int64?, _ check: inout AlmaValidation
    ) -> AlmaFeePlan? {
        let before = check.errors.count
        let count = check.integer(payment, "installments_count", at: "payment.", in: 1...12) ?? 3
        let days = check.integer(payment, "deferred_days", at: "payment.", in: 0...365) ?? 0
        let months = check.integer(payment, "deferred_months", at: "payment.", in: 0...12) ?? 0
        guard check.errors.count == before else { return nil }
        guard let plan = account.plan(instalments: count, days: days, months: months) else {
            check.report(
                "payment.installments_count", "invalid_value", "Ce plan n'est pas proposé par le marchand",
                value: .integer(count))
            return nil
        }
        if let amount, !plan.admits(amount) {
            check.report(
                "payment.purchase_amount", "invalid_value",
                "Le montant doit être compris entre \(plan.purchaseMin) et \(plan.purchaseMax)",
                value: .integer(amount))
        }
        return plan
    }

    private static func details(
        _ payment: JSON, _ body: JSON, _ plan: AlmaFeePlan?, _ check: inout AlmaValidation
    ) -> AlmaDetails {
        let customer = check.object(body, "customer", at: "")
        let order = check.object(body, "order", at: "")
        checkCustomer(customer, &check)
        return AlmaDetails(
            returnURL: check.url(payment, "return_url", at: "payment."),
            customerCancelURL: check.url(payment, "customer_cancel_url", at: "payment."),
            failureReturnURL: check.url(payment, "failure_return_url", at: "payment."),
            ipnCallbackURL: check.url(payment, "ipn_callback_url", at: "payment."),
            locale: locale(payment, &check), origin: origin(payment, body, &check),
            captureMethod: capture(payment, &check), triggerDescription: trigger(payment, plan, &check),
            customData: check.object(payment, "custom_data", at: "payment."), customer: customer,
            billingAddress: address(payment, "billing_address", &check),
            shippingAddress: address(payment, "shipping_address", &check), cart: cart(payment, &check),
            orders: order == [:] ? [] : [order])
    }

    private static func locale(_ payment: JSON, _ check: inout AlmaValidation) -> String {
        guard let text = check.text(payment, "locale", at: "payment.") else { return "fr" }
        let isKnown = locales.contains(text) || locales.contains(String(text.prefix { $0 != "_" && $0 != "-" }))
        if !isKnown { check.report("payment.locale", "invalid_value", "Langue inconnue", value: .text(text)) }
        return text
    }

    private static func origin(_ payment: JSON, _ body: JSON, _ check: inout AlmaValidation) -> String {
        let inside = check.text(payment, "origin", at: "payment.")
        guard let text = inside ?? check.text(body, "origin", at: "") else { return "online" }
        let isKnown = origins.contains(text) || text.hasPrefix("pos")
        if !isKnown { check.report("payment.origin", "invalid_value", "Origine inconnue", value: .text(text)) }
        return text
    }

    private static func capture(_ payment: JSON, _ check: inout AlmaValidation) -> String {
        let method = check.text(payment, "capture_method", at: "payment.") ?? "automatic"
        // Manual capture is a contract option this simulator does not play.
        if method != "automatic" {
            check.report("payment.capture_method", "invalid_value", "Non autorisé", value: .text(method))
        }
        return method
    }

    private static func trigger(
        _ payment: JSON, _ plan: AlmaFeePlan?, _ check: inout AlmaValidation
    ) -> String? {
        guard let deferred = payment.given("deferred") else { return nil }
        guard deferred.asText == "trigger", plan?.triggerLimitDays != nil else {
            check.report("payment.deferred", "incompatible_parameters", "Paiement sur événement non autorisé")
            return nil
        }
        return check.text(payment, "deferred_description", at: "payment.") ?? ""
    }
}
