import HTTPServer

/// What every answer is, whatever was asked.
struct AnswerRules {
    let document: APIDocument

    /// What is wrong with an answer; empty when nothing is.
    func breaches(of answer: InProcessClient.Answer, to sent: Client.Sent) -> [String] {
        switch answer.status {
        case 200..<400: sent.isSpoilt ? [] : document.differences(of: answer, to: sent.operation)
        // A fault of ours: nothing anybody sends may find one.
        case 500: ["500"]
        default: problemBreaches(answer)
        }
    }

    private func problemBreaches(_ answer: InProcessClient.Answer) -> [String] {
        // Pages for people say it in words.
        if answer.headers["Content-Type"]?.hasPrefix("text/html") == true { return [] }
        guard answer.headers["Content-Type"] == "application/problem+json", answer.problem != nil else {
            return ["\(answer.status) without a problem"]
        }
        var breaches = ["detail", "remedy", "title"].filter { answer.json[$0]?.text?.isEmpty ?? true }
            .map { "the problem has no \($0)" }
        if answer.json["status"]?.integer != Int64(answer.status) { breaches.append("the problem has another status") }
        if answer.status == 429 || answer.status == 503, answer.headers["Retry-After"] == nil {
            breaches.append("\(answer.status) without Retry-After")
        }
        let faults = answer.json["errors"]?.elements ?? []
        if answer.status == 422, answer.problem == "invalid-fields", faults.isEmpty {
            breaches.append("no field is named")
        }
        for fault in faults
        where ["pointer", "reason", "remedy"].contains(where: {
            fault[$0]?.text == nil || fault[$0]?.text == "" && $0 != "pointer"
        }) {
            breaches.append("a field's problem lacks pointer, reason or remedy")
        }
        return breaches
    }
}
