/// What a client can do on the hosted page, by hand or by the control API.
enum AlmaClientAction: String, Sendable, CaseIterable {
    case accept, decline, expire
    case giveUp = "give-up"
    /// Goes back to the shop with the payment left open.
    case leave
    /// The client's bank asks who it is before the first instalment is charged; then accept or decline.
    case challenge
}

extension WorldState {
    /// Plays the client; answers where the browser goes next, if anywhere.
    mutating func act(_ action: AlmaClientAction, on id: String) throws -> String? {
        let now = clock.now
        try alma.change(id, random: &random, at: now) { payment in
            switch action {
            case .accept: try payment.accept(at: now)
            case .decline: try payment.refuse(at: now)
            case .expire: try payment.cancel(.expired, at: now)
            case .giveUp: try payment.cancel(.customer, at: now)
            case .challenge: try payment.challenge(at: now)
            case .leave: break
            }
        }
        guard let payment = alma.payments[id] else { return nil }
        if action == .accept { sendIPN(about: payment) }
        return destination(after: action, payment)
    }

    private func destination(after action: AlmaClientAction, _ payment: AlmaPayment) -> String? {
        let details = payment.details
        let url: String? =
            switch action {
            case .accept: details.returnURL
            case .decline: details.failureReturnURL ?? details.customerCancelURL
            case .giveUp, .leave: details.customerCancelURL
            case .expire, .challenge: nil
            }
        return url?.addingQuery("pid", payment.id)
    }

    /// The notification says only which payment to read; it is sent for acceptance and for nothing else.
    mutating func sendIPN(about payment: AlmaPayment) {
        guard let callback = payment.details.ipnCallbackURL, let account = alma.account(of: payment) else { return }
        let request = OutgoingRequest(
            method: "GET", url: callback.addingQuery("pid", payment.id),
            headers: [(AlmaSignature.header, AlmaSignature.of(payment.id, key: account.apiKey))], body: nil)
        webhooks.send(.almaIPN, about: payment.id, request, signatureHeader: AlmaSignature.header)
    }
}
