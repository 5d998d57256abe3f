import PaymentModel
import PaymentOrchestratorDomain
import PostgresClient
import TransactionalMessaging

// When a payment is looked at next by whoever has nothing else to go by.
extension PaymentStore {
    /// So long after its day an unpaid instalment is the provider's affair alone.
    private static let followedDays = 180

    /// When somebody who has nothing else to go by looks at the payment next; `nil` when nothing is open.
    func nextQuestion(about record: PaymentRecord, _ step: Step, at now: Instant) -> Instant? {
        let payment = record.payment
        let isWaitingForTheClient = payment.state.isLive && payment.cancellation == nil
        let expiry = isWaitingForTheClient ? payment.terms.expiresAt : nil
        guard !payment.pendingCalls.isEmpty else { return expiry }
        if payment.pendingCalls.allSatisfy(\.isFollowing) { return nextFollowing(payment, at: now) }
        if let last = payment.lastLook(after: intentLease), last > now { return last }
        let pause: Duration
        switch step {
        case .intent: pause = intentLease
        case .outcome: pause = asking.pause(afterQuestions: record.questions)
        }
        let next = now.adding(pause)
        guard let expiry, expiry > now else { return next }
        return min(next, expiry)
    }

    /// Nobody waits for what is followed.
    private func nextFollowing(_ payment: Payment, at now: Instant) -> Instant? {
        // A dispute lasts for weeks; its end is told by a notification, or found within a day.
        guard !payment.hasOpenDispute else { return now.adding(.seconds(86_400)) }
        return [nextInstalmentLook(payment, at: now), payment.nextLaterLook(after: now)].compactMap(\.self).min()
    }

    /// The day after an instalment's, and from then on daily: nothing else tells of it.
    private func nextInstalmentLook(_ payment: Payment, at now: Instant) -> Instant? {
        guard let day = payment.nextInstalmentOn, day.adding(days: PaymentStore.followedDays) > now.utcDate,
            let first = Instant("\(day.adding(days: 1))T04:00:00Z")
        else { return nil }
        return first > now ? first : now.adding(.seconds(86_400))
    }

    /// Takes payments whose time to be asked about has come, so that no other instance asks at the same time.
    ///
    /// What is taken is picked once, as an array: a plan from when there were few payments may pick anew for each row.
    /// One statement tells what is due next, too: most looks find nothing, and cost what is asked. What was taken and a
    /// crash took back is due again, so nothing waits for the disk.
    func takeDue(limit: Int) async throws -> [(PaymentID, OrganisationID)] {
        let now = time.now()
        let until = now.adding(intentLease)
        let rows = try await database.maintain(organisation: nil) { transaction in
            try transaction.query(
                """
                WITH taken AS (
                    UPDATE payment SET ask_at = \(until), questions = questions + 1
                    WHERE id = ANY (ARRAY(
                        SELECT id FROM payment WHERE ask_at <= \(now)
                        ORDER BY ask_at LIMIT \(limit) FOR UPDATE SKIP LOCKED))
                    RETURNING id, organisation)
                SELECT id, organisation, NULL::timestamptz AS next FROM taken
                WHERE \(SQL.aheadOfDisk) = 'off'
                UNION ALL
                (SELECT NULL, NULL, ask_at FROM payment
                    WHERE ask_at IS NOT NULL AND id NOT IN (SELECT id FROM taken) ORDER BY ask_at LIMIT 1)
                """
            ) { row in
                (
                    id: try row("id") as PaymentID?, organisation: try row("organisation") as OrganisationID?,
                    next: try row("next") as Instant?
                )
            }
        }
        for row in rows { due.expect(row.next) }
        return rows.compactMap { row in
            guard let id = row.id, let organisation = row.organisation else { return nil }
            return (id, organisation)
        }
    }

    /// Takes what is due of these payments, whatever else has waited longer.
    ///
    /// Of those that are neglected also what the client has on the provider's page and what would not be asked about
    /// for longer than at first. A lease keeps nobody from reading that once more: no call of ours opens it any more.
    /// Somebody looks at a screen meanwhile, so it waits for no disk: what a crash takes back is due again, as above.
    func takeDue(
        among ids: [PaymentID], neglected: [PaymentID], limit: Int
    ) async throws -> [(PaymentID, OrganisationID)] {
        let now = time.now()
        let (until, soon) = (now.adding(intentLease), now.adding(asking.first))
        return try await database.maintain(organisation: nil) { transaction in
            transaction.commitAheadOfDisk()
            return try transaction.query(
                """
                UPDATE payment SET ask_at = \(until), questions = questions + 1
                WHERE id = ANY (ARRAY(
                    SELECT id FROM payment WHERE id = ANY(\(ids)) AND (ask_at <= \(now)
                        OR state = 'open' AND ask_at > \(soon) AND id = ANY(\(neglected)))
                    ORDER BY ask_at LIMIT \(limit) FOR UPDATE SKIP LOCKED))
                RETURNING id, organisation
                """
            ) { row in (try row("id") as PaymentID, try row("organisation") as OrganisationID) }
        }
    }

    /// When a look at a refund or a dispute is made again that was not answered: the later, the longer ago it was due.
    private func nextTry(at payment: Payment, at now: Instant) -> Instant? {
        payment.lastLaterLook(until: now).map { now.adding(max(asking.longest, now - $0)) }
    }

    /// Sets the next time for a payment about which nothing new was learnt.
    func postpone(_ record: PaymentRecord, isAnswered: Bool) async throws {
        let (id, taken, now) = (record.id, record.askAt, time.now())
        let again = isAnswered ? nil : nextTry(at: record.payment, at: now)
        let next = [nextQuestion(about: record, .outcome, at: now), again].compactMap(\.self).min()
        let lines = notes.lines(about: id)
        let organisation = record.organisation
        try await database.maintain(organisation: nil) { transaction in
            // A look that a crash takes back is made once more.
            transaction.commitAheadOfDisk()
            // Whoever set another time since it was read knows more; a change that leaves it has said nothing of it.
            transaction.executeLater(
                """
                UPDATE payment SET ask_at = \(next)
                WHERE id = \(id) AND organisation = \(organisation) AND ask_at IS NOT DISTINCT FROM \(taken)
                """)
            for line in lines { transaction.executeLater(exchanges.adding(line, to: id, of: organisation)) }
        }
        notes.written(lines, about: id)
        due.expect(next)
    }

    /// Writes down what was said before an instant, about so many payments at most; answers whether there may be more.
    ///
    /// Who holds one of them writes it himself.
    func writeExchanges(before instant: Instant, limit: Int) async throws -> Bool {
        let ids = notes.waiting(before: instant, max: limit)
        guard !ids.isEmpty else { return false }
        let written = try await database.maintain(organisation: nil) { transaction in
            let free = try transaction.query(
                "SELECT id, organisation FROM payment WHERE id = ANY(\(ids)) ORDER BY id FOR UPDATE SKIP LOCKED"
            ) { row in (id: try row("id") as PaymentID, organisation: try row("organisation") as OrganisationID) }
            // Only behind the lock: what another change wrote down before it waits no more.
            return free.map { payment -> (id: PaymentID, lines: [ExchangeLine]) in
                let lines = notes.lines(about: payment.id)
                for line in lines {
                    transaction.executeLater(exchanges.adding(line, to: payment.id, of: payment.organisation))
                }
                return (id: payment.id, lines: lines)
            }
        }
        for (id, lines) in written { notes.written(lines, about: id) }
        return ids.count == limit && !written.isEmpty
    }

    /// Makes the payment the next that is looked at.
    func hurry(_ id: PaymentID, of organisation: OrganisationID) async throws {
        let now = time.now()
        try await database.maintain(organisation: nil) { transaction in
            transaction.executeLater(
                "UPDATE payment SET ask_at = \(now) WHERE id = \(id) AND organisation = \(organisation)")
        }
        due.expect(now)
    }
}
