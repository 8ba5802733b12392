using System.Globalization;
using FedRec.Contracts.Runs;

namespace FedRec.Contracts.Privacy;

/// <summary>Who can learn what of whom by a run, in plain words: worked out of what the run was started with, and of nothing that somebody writes.</summary>
/// <param name="Data">Where the data of the clients is.</param>
/// <param name="Unit">Whose part is hidden, where anything is.</param>
/// <param name="Operator">What whoever runs the silos can see.</param>
/// <param name="Readers">What whoever has the models of the run can learn of one client.</param>
public sealed record TrustModel(string Data, string Unit, string Operator, string Readers)
{
    /// <summary>The trust model of a run.</summary>
    /// <param name="request">How it trains.</param>
    /// <param name="source">What it is about.</param>
    /// <param name="clients">Clients that take part.</param>
    /// <param name="users">Users of all of them, as far as they are known.</param>
    public static TrustModel Of(RunRequest request, RunSource source, int clients, int users) => new(
        source.Hosted is null
            ? "This is a simulation: every silo reads the data of all clients, and whoever runs them has it."
            : "Clients keep their data: users and organisations in grains of the operator's silos, parties with processes of their own there, and nowhere else.",
        request.Privacy is null ? "Nobody's part in the models is hidden."
            : users > clients ? "A client is hidden with all of its users together; nothing is promised of one user beside the others of the same client."
            : "Each client, which is one user, is hidden with everything that it has.",
        source.Hosted is null
            ? "Everything: the data, each update, and what is summed."
            : request.Privacy is { Noise: PrivacySettings.Distributed }
            ? "Of a party with a process of its own that it took part, and when, and the sum over the clients of a round with noise that they added themselves, each a share, before it was masked: no sum without noise can be read. It is as much as is accounted for where a third of the clients goes away; of clients that leave their share out it has less, with a share γ of them √(1 − γ) times as much. What clients in the operator's silos do can be seen there. Sums of evaluations have no noise."
            : request.Privacy is { Noise: PrivacySettings.Local }
            ? "Of a party with a process of its own that it took part, and when, and its update with all of the noise, which it added itself: of that as little can be told as of the models, whatever the others do. What clients in the operator's silos do can be seen there. Sums of evaluations have no noise."
            : request.Rounds.Aggregator == RoundSettings.SecureMean
            ? "Of a party with a process of its own that it took part, and when, and not its update, which is masked: only the sum over the clients of a round can be read, of which little is hidden where the others tell theirs. What clients in the operator's silos do can be seen there. Sums of evaluations are not masked."
            : "Each update as it was sent: which items a client has can be read off it. Who took part, and when.",
        request.Privacy is { } privacy
            ? string.Create(CultureInfo.InvariantCulture,
                $"{(privacy.Noise is null ? "Whether any one client took part" : "What any one client has sent")} changes the chance of any outcome by a factor of e^{privacy.Epsilon} at most, but for a chance of {privacy.Delta} (differential privacy), of all models of the run together{(privacy.Noise is null || source.Hosted is null ? "" : ", and of all that whoever runs the silos sees of rounds of parties with processes of their own")}. Metrics beside them are of held-out interactions, which no noise hides.")
            : "There is no limit: a model remembers what it was trained with, and may tell who was in it.");

    /// <summary>The trust model of a run that was started.</summary>
    public static TrustModel Of(RunStatus run) => Of(run.Request, run.Source, run.Clients, run.Users);
}
