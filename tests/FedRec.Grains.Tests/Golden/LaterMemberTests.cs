using System.Runtime.CompilerServices;
using FedRec.Contracts.Clients;

namespace FedRec.Grains.Tests.Golden;

/// <summary>A member that a type got later has its default where bytes of before are read, which have not got it.</summary>
/// <remarks>The serializer makes a type without a parameterless constructor without calling any, so that no initialiser runs: such a member would be null, or an
/// array that throws when it is looked at. It must say its default in its getter.</remarks>
public sealed class LaterMemberTests
{
    // RecordedAmount is an answer between grains of one program and never stored: no bytes of before come along.
    public static TheoryData<string> Names { get; } =
    [
        .. Samples.All.Where(sample => sample is not (Exception or RecordedAmount)).Select(sample => sample.GetType())
            .Where(type => type.IsClass && type.GetConstructor([]) is null).Select(type => type.Name),
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public void Member_ThatIsMissingInTheBytes_HasItsDefault(string name)
    {
        var sample = Samples.All.Single(one => one.GetType().Name == name);
        var constructor = sample.GetType().GetConstructors().MaxBy(one => one.GetParameters().Length)!;
        var parameters = constructor.GetParameters();
        var made = constructor.Invoke([.. parameters.Select(parameter => sample.GetType().GetProperty(parameter.Name!)!.GetValue(sample))]);
        var read = RuntimeHelpers.GetUninitializedObject(sample.GetType());

        Assert.All(
            sample.GetType().GetProperties().Where(property => property.SetMethod is not null && !parameters.Any(parameter => parameter.Name == property.Name)),
            property => Assert.Equivalent(property.GetValue(made), property.GetValue(read)));
    }
}
