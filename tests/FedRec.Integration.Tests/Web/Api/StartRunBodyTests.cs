using System.Collections.Immutable;
using System.Reflection;
using FedRec.Contracts.Privacy;
using FedRec.Contracts.Runs;
using FedRec.Web.Api;

namespace FedRec.Integration.Tests.Web.Api;

/// <summary>Whatever defines a run can be said over HTTP as well as on the command line.</summary>
public sealed class StartRunBodyTests
{
    public static TheoryData<string> Settings { get; } =
        [.. typeof(RunRequest).GetProperties().Where(property => property.CanWrite).Select(property => property.Name).Except([nameof(RunRequest.Federation)])];

    [Theory]
    [MemberData(nameof(Settings))]
    public void Body_HasEverySettingOfARunAndPassesItOn(string setting)
    {
        var own = typeof(StartRunBody).GetProperty(setting);
        Assert.True(own is not null, $"StartRunBody has no {setting}.");
        var (body, value) = (new StartRunBody(), Other(own.PropertyType));

        own.SetValue(body, value);
        var passedOn = typeof(RunRequest).GetProperty(setting)!.GetValue(Request(body));

        Assert.Equal(value, passedOn);
        Assert.NotEqual(typeof(RunRequest).GetProperty(setting)!.GetValue(Request(new StartRunBody())), passedOn);
    }

    private static RunRequest Request(StartRunBody body) =>
        (RunRequest)typeof(StartRunBody).GetMethod("ToRequest", BindingFlags.NonPublic | BindingFlags.Instance)!.Invoke(body, ["movies"])!;

    private static object Other(Type type) => type switch
    {
        _ when type == typeof(string) => "another",
        _ when type == typeof(int) => 7,
        _ when type == typeof(long) => 8L,
        _ when type == typeof(ulong) => 9UL,
        _ when type == typeof(double) => 0.5,
        _ when type.IsEnum => Enum.GetValues(type).GetValue(1)!,
        _ when type == typeof(bool) => true,
        _ when type == typeof(RoundSettings) => new RoundSettings { Count = 5 },
        _ when type == typeof(ServerOptimizerSettings) => new ServerOptimizerSettings { Beta1 = 0.5 },
        _ when type == typeof(PersonalizationSettings) => new PersonalizationSettings { Method = "additive" },
        _ when type == typeof(PrivacySettings) => new PrivacySettings { Epsilon = 4 },
        _ when type == typeof(WarmStartSource) => new WarmStartSource { Federation = "public" },
        _ when type.IsAssignableFrom(typeof(ImmutableSortedDictionary<string, string>)) => ImmutableSortedDictionary<string, string>.Empty.Add("dims", "8"),
        _ => throw new NotSupportedException($"There is a new kind of setting, {type.Name}: give it a value here."),
    };
}
