/// What a client, its bank or its lawyer can do, by hand on the page or by the control API.
enum StripeClientAction: String, Sendable, CaseIterable {
    case accept, decline, leave, expire
    case giveUp = "give-up"
    /// The bank wants the client to prove who it is; then accept or fail.
    case challenge
    /// The client agrees by a way of paying that takes days; then settle or fail.
    case acceptSlowly = "accept-slowly"
    case settle, fail
    /// The client has the bank take the money back; then win or lose.
    case dispute
    case winDispute = "win-dispute"
    case loseDispute = "lose-dispute"
}

extension WorldState {
    /// Plays the client; answers where the browser goes next, if anywhere.
    mutating func act(_ action: StripeClientAction, onSession id: String) throws -> String? {
        guard let session = stripe.sessions[id] else { throw Refusal.control("no session \(id)", status: 404) }
        switch action {
        case .accept, .acceptSlowly, .decline, .challenge, .expire, .leave, .giveUp:
            guard session.status == .open else {
                throw Refusal.control("the session is \(session.status.rawValue): not open any more", status: 409)
            }
            return actOpen(action, session)
        case .settle, .fail: return try finish(action, session)
        case .dispute, .winDispute, .loseDispute:
            try dispute(action, session)
            return nil
        }
    }

    private mutating func actOpen(_ action: StripeClientAction, _ session: StripeSession) -> String? {
        switch action {
        case .accept:
            let intent = intent(of: session)
            complete(session)
            succeed(intent)
            return session.successURL
        case .acceptSlowly:
            stripe.intents[intent(of: session)]?.status = .processing
            complete(session)
            return session.successURL
        case .decline:
            decline(intent(of: session))
            return nil
        case .challenge:
            stripe.intents[intent(of: session)]?.status = .requiresAction
            return nil
        case .expire:
            stripe.sessions[session.id]?.expiresAt = clock.now
            stripe.sessions[session.id]?.status = .expired
            if let expired = stripe.sessions[session.id] { tellExpired(expired) }
            return nil
        case .leave, .giveUp, .settle, .fail, .dispute, .winDispute, .loseDispute: return session.cancelURL
        }
    }

    /// Stripe makes the intent when the client first confirms.
    private mutating func intent(of session: StripeSession) -> String {
        if let known = session.intentID { return known }
        let intent = StripeIntent(
            id: random.identifier("pi_"), accountID: session.accountID, sessionID: session.id, created: clock.now,
            amount: session.amount, currency: session.currency, metadata: session.intentMetadata,
            captureMethod: session.captureMethod)
        stripe.intents[intent.id] = intent
        stripe.sessions[session.id]?.intentID = intent.id
        return intent.id
    }

    private mutating func complete(_ session: StripeSession) {
        stripe.sessions[session.id]?.status = .complete
    }

    private mutating func succeed(_ id: String) {
        guard var intent = stripe.intents[id], let account = stripe.accounts[intent.accountID] else { return }
        let charge = random.identifier("ch_")
        (intent.status, intent.chargeID, intent.chargedAt, intent.declineCode) = (.succeeded, charge, clock.now, nil)
        intent.transactionID = stripe.ledger.book(
            .init(
                type: "charge", amount: intent.amount, fee: account.fee(on: intent.amount), source: charge,
                accountID: account.id, currency: intent.currency), random: &random, at: clock.now)
        stripe.intents[id] = intent
        if let session = stripe.sessions[intent.sessionID] {
            sendStripeEvent("checkout.session.completed", json(session), about: session.id, account.id)
        }
        sendStripeEvent("payment_intent.succeeded", intent.json, about: intent.sessionID, account.id)
        sendStripeEvent("charge.succeeded", intent.charge, about: intent.sessionID, account.id)
    }

    private mutating func decline(_ id: String) {
        guard var intent = stripe.intents[id] else { return }
        (intent.status, intent.declineCode) = (.requiresPaymentMethod, "insufficient_funds")
        stripe.intents[id] = intent
        sendStripeEvent("payment_intent.payment_failed", intent.json, about: intent.sessionID, intent.accountID)
    }

    private mutating func finish(_ action: StripeClientAction, _ session: StripeSession) throws -> String? {
        guard let id = session.intentID, let intent = stripe.intents[id],
            intent.status == .processing || intent.status == .requiresAction
        else { throw Refusal.control("nothing of the session is under way", status: 409) }
        if action == .settle {
            if session.status == .open { complete(session) }
            succeed(id)
            return session.successURL
        }
        decline(id)
        return nil
    }

    private mutating func dispute(_ action: StripeClientAction, _ session: StripeSession) throws {
        guard let id = session.intentID, let intent = stripe.intents[id], let charge = intent.chargeID else {
            throw Refusal.control("nothing was paid", status: 409)
        }
        guard action == .dispute else { return try decide(action, intent) }
        let dispute = StripeDispute(
            id: random.identifier("du_"), intentID: id, chargeID: charge, created: clock.now, amount: intent.amount,
            currency: intent.currency, reason: "fraudulent")
        stripe.disputes.append(dispute)
        stripe.intents[id]?.isDisputed = true
        stripe.ledger.book(
            .init(
                type: "adjustment", amount: -intent.amount, fee: 1_500, source: dispute.id, accountID: intent.accountID,
                currency: intent.currency), random: &random, at: clock.now)
        sendStripeEvent("charge.dispute.created", dispute.json, about: session.id, intent.accountID)
    }

    private mutating func decide(_ action: StripeClientAction, _ intent: StripeIntent) throws {
        guard let index = stripe.disputes.firstIndex(where: { $0.intentID == intent.id }) else {
            throw Refusal.control("nobody disputes it", status: 409)
        }
        let isWon = action == .winDispute
        stripe.disputes[index].status = isWon ? "won" : "lost"
        let dispute = stripe.disputes[index]
        if isWon {
            stripe.ledger.book(
                .init(
                    type: "adjustment", amount: dispute.amount, source: dispute.id, accountID: intent.accountID,
                    currency: intent.currency), random: &random, at: clock.now)
        }
        sendStripeEvent("charge.dispute.closed", dispute.json, about: intent.sessionID, intent.accountID)
    }

    /// Signed over time and body with the endpoint's secret, as Stripe does.
    mutating func sendStripeEvent(_ type: String, _ object: JSON, about subject: String, _ accountID: String) {
        guard let account = stripe.accounts[accountID], let url = account.webhookURL else { return }
        let now = clock.now
        let event: JSON = [
            "id": .text(random.identifier("evt_")), "object": "event", "api_version": "2026-06-24.dahlia",
            "created": .integer(now), "data": ["object": object], "livemode": false, "pending_webhooks": 1,
            "request": ["id": .null, "idempotency_key": .null], "type": .text(type),
        ]
        let signature = hexadecimalHMAC(Array("\(now).".utf8) + event.bytes, key: account.webhookSecret)
        let request = OutgoingRequest(
            method: "POST", url: url,
            headers: [
                ("Content-Type", "application/json; charset=utf-8"), ("Stripe-Signature", "t=\(now),v1=\(signature)"),
            ],
            body: event.bytes)
        webhooks.send(.stripeEvent, about: subject, request, signatureHeader: "Stripe-Signature")
    }
}
