import EventContract
import Foundation
import HTTPClient
import HTTPServer
import NotificationWorld
import PaymentModel
import PaymentOrchestratorService
import PostgresClient
import TestSupport
import TransactionalMessaging

// What a clinic and its clients do with payments online, over payment-orchestrator's own routes.
extension SendingClinic {
    private func payments(_ method: HTTPRequest.Method, _ path: String, _ json: String? = nil) async throws
        -> HTTPResponse
    {
        let manager = NotificationStack.principal(organisation)
        let answer = try await bench.stack.call(method, path, json, at: bench.paymentsPort, as: manager)
        guard answer.status < 400 else {
            throw BenchFailure(text: "\(path): \(String(decoding: answer.body, as: UTF8.self))")
        }
        return answer
    }

    /// Connects the clinic to its provider.
    func takePaymentsOnline() async throws {
        let own = #"{"name":"Les Lilas","ownPhones":[],"ownEmails":[],"ownAddresses":[]}"#
        _ = try await payments(.put, "/v1/clinics/\(clinic)", own)
        let account = #"{"clinicID":"\#(clinic)","provider":"alma","key":"\#(InvoiceMessageBench.merchantKey)"}"#
        _ = try await payments(.post, "/v1/provider-accounts", account)
    }

    /// Connects it to a provider by which a client agrees before anything is decided.
    func takeCardsOnline() async throws {
        try await bench.stack.sandbox.control(
            .post, "/stripe/accounts",
            #"{"apiKey":"sk_test_cards","accountID":"acct_cards","webhookSecret":"whsec_cards"}"#)
        let keys = #""key":"sk_test_cards","notificationKey":"whsec_cards""#
        _ = try await payments(
            .post, "/v1/provider-accounts", #"{"clinicID":"\#(clinic)","provider":"stripe",\#(keys)}"#)
    }

    /// Asks for an invoice to be paid online: on the clinic's screen, or by a link to share.
    func ask(
        _ cents: Int64, for invoice: Invoice, of client: Client, by channel: String = "browser",
        at provider: Provider = .alma
    ) async throws -> AskedPayment {
        let person = client.recipient
        let draft = """
            {"clinicID":"\(clinic)","clientID":"\(client.id)","invoiceID":"\(invoice.id)",
             "provider":"\(provider.rawValue)","plan":"\(provider == .alma ? "3x" : "1x")",
             "channel":"\(channel)","amount":{"minorUnits":\(cents),"currency":"EUR"},
             "client":{"firstName":"\(person.firstName)","lastName":"Martin","phone":"\(person.phone)",
                       "email":"\(person.email)","town":"Lyon","country":"FR"}}
            """
        let manager = NotificationStack.principal(organisation)
        var told: HTTPResponse?
        // What was issued a moment ago may still be on its way.
        try await waitUntil("payments knows the invoice") {
            told = try await bench.stack.call(.post, "/v1/payments", draft, at: bench.paymentsPort, as: manager)
            return told?.status != 422
        }
        guard let answer = told else { throw BenchFailure(text: "payments said nothing") }
        guard let id = answer.json["payment"]?["id"]?.text.flatMap({ PaymentID($0) }),
            let link = answer.json["payLink"]?.text
        else { throw BenchFailure(text: String(decoding: answer.body, as: UTF8.self)) }
        return AskedPayment(id: id, token: String(link.split(separator: "/").last ?? ""), recipient: person)
    }

    /// Waits until notification has taken in what became of a payment: that it was asked for, or its end.
    func takenIn(_ payment: AskedPayment, _ fact: String = "payment-requested") async throws {
        let type = EventType(.payments, fact, version: 1).text
        let payments = NotificationStack.database(bench.stack.settings, role: PaymentOrchestratorService.schema)
        var told: EventID?
        try await waitUntil("\(fact) is told") {
            told = try await payments.read(organisation: nil) { transaction in
                try transaction.first(
                    """
                    SELECT event_id FROM (SELECT event_id, type, subject FROM outbox
                        UNION ALL SELECT event_id, type, subject FROM outbox_journal) AS told
                    WHERE type = \(type) AND subject = \(payment.id)
                    """
                ) { row in try row("event_id") as EventID }
            }
            return told != nil
        }
        await payments.pool.close()
        guard let told else { throw BenchFailure(text: "\(fact) was not told") }
        try await bench.stack.takesIn(told)
    }

    func cancel(_ payment: AskedPayment) async throws {
        _ = try await payments(.post, "/v1/payments/\(payment.id)/cancel")
    }

    /// The client pays and comes back.
    func accept(_ payment: AskedPayment) async throws { try await end(payment, by: "accept") }

    /// The provider refuses the client's card, and the client comes back.
    func refuse(_ payment: AskedPayment) async throws { try await end(payment, by: "decline") }

    /// The client pays by card in a way that takes days; waits until the provider's page is known to be done with.
    func agree(_ payment: AskedPayment) async throws {
        _ = try await act("accept-slowly", on: payment, at: .stripe)
        _ = try await payments(.get, "/p/\(payment.token)/return")
        let manager = NotificationStack.principal(organisation)
        try await waitUntil("nothing is left to do by its link") {
            let link = "/v1/payments/\(payment.id)/link"
            return try await bench.stack.call(.get, link, nil, at: bench.paymentsPort, as: manager).status == 409
        }
    }

    private func end(_ payment: AskedPayment, by action: String) async throws {
        let reference = try await act(action, on: payment, at: .alma)
        _ = try await payments(.get, "/p/\(payment.token)/return?pid=\(reference)")
    }

    /// The client goes on, and does something on the provider's page; the provider's name for the payment.
    private func act(_ action: String, on payment: AskedPayment, at provider: Provider) async throws -> String {
        let opened = try await payments(.post, "/p/\(payment.token)")
        guard let reference = opened.header("Location")?.split(separator: "/").last.map(String.init) else {
            throw BenchFailure(text: "\(opened)")
        }
        try await bench.stack.sandbox.control(
            .post, "/\(provider.rawValue)/payments/\(reference)/act", #"{"action":"\#(action)"}"#)
        return reference
    }

    /// Where the client pays.
    func link(of payment: AskedPayment) -> String { "http://127.0.0.1:\(bench.paymentsPort)/p/\(payment.token)" }

    /// Has the mail server turn the client's mails away until ``takeMails()``.
    func turnMailsAway(from client: Client) async throws {
        try await bench.mail.behave(#"{"mode":"defer","to":"\#(client.recipient.email)"}"#)
    }

    func takeMails() async throws { try await bench.mail.behave("") }

    /// Has the mail server take its time over the client's next mail.
    func takeMailSlowly(from client: Client, seconds: Int) async throws {
        try await bench.mail.behave(
            #"{"mode":"slow","to":"\#(client.recipient.email)","seconds":\#(seconds),"times":1}"#)
    }

    /// Waits until a mail was turned away, so that it waits for its next try.
    func turnedAway(_ invoice: Invoice, occasion: String = "invoice") async throws -> MessageID {
        var found: MessageID?
        try await waitUntil("the mail server has turned it away") {
            found = try await bench.stack.messages(about: invoice.id, occasion: occasion).first {
                $0.tries > 0 && $0.state == "ready"
            }?.id
            return found != nil
        }
        guard let found else { throw BenchFailure(text: "it was not turned away") }
        return found
    }

    /// Lets a mail that waits go on now, and waits for its end.
    func send(_ id: MessageID, until state: String = "sent") async throws {
        try await takeMails()
        try await waitUntil("it is \(state)") {
            try await bench.stack.ring([id])
            return try await bench.stack.message(id).state == state
        }
    }

    func mails(to client: Client) async throws -> [SandboxMailServer.Message] {
        try await bench.mail.messages(to: client.recipient.email)
    }

    /// Everything of the service that is kept or published, and what all processes said.
    func keptAndSaid() async throws -> String {
        let kept = try await bench.stack.database.read(organisation: nil) { transaction in
            try transaction.query(
                """
                SELECT convert_from(value, 'UTF8') || array_to_string(headers, ' ') AS text FROM outbox_journal
                UNION ALL SELECT convert_from(value, 'UTF8') || array_to_string(headers, ' ') FROM outbox
                UNION ALL SELECT scope || key || actor || coalesce(answer, '') FROM cause
                UNION ALL SELECT message::text FROM message
                """
            ) { row in try row("text") as String }
        }
        return kept.joined(separator: "\n") + (try bench.stack.log())
    }
}

extension SandboxMailServer.Message {
    /// Its text with the ends of lines that tests write.
    var words: String {
        (text ?? "").split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).joined(separator: "\n")
    }

    /// Its markup, the same.
    var markup: String {
        (html ?? "").split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).joined(separator: "\n")
    }

    /// Where the links of its PDF lead, by a reader of PDF that knows nothing of us.
    func linksOfPDF() async throws -> [String] {
        let folder = try TemporaryFolder()
        let file = "\(folder.path)/mail.eml"
        try Data(raw.utf8).write(to: URL(filePath: file))
        let run = try await PythonScript.run(["Tests/Integration/Notification/pdf_links.py", file])
        guard run.status == 0 else { throw BenchFailure(text: run.output) }
        return run.output.split(whereSeparator: \.isNewline).map(String.init)
    }
}
